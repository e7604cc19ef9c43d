import type { Content } from '../../src/reports/documents.ts';
import type { CountryOrgan } from './organs.ts';
import { type Below, pick } from './random.ts';

/** The text of a report, about a page long. */

const measures = [
  '健全主动公开目录，及时更新机构职能、权责清单和办事指南。',
  '规范依申请公开办理流程，严格登记、审核、答复和归档各环节。',
  '加强政府信息管理，定期清理已失效的规范性文件。',
  '推进政务公开平台建设，优化门户网站栏目，做好政务新媒体的内容保障。',
  '落实监督保障，将政务公开工作纳入年度绩效考核，组织业务培训。',
  '围绕重点民生领域做好政策解读，采用图解、问答等多种形式回应社会关切。',
  '深化基层政务公开标准化规范化，在政务服务大厅设立公开专区。',
  '完善公开审查机制，坚持先审查、后公开，防止泄露国家秘密和个人隐私。',
] as const;
const problems = [
  '公开内容的深度和广度与群众期待相比还有差距。',
  '政策解读的形式较为单一，解读质量有待提高。',
  '部分科室公开意识不强，信息报送不够及时。',
  '依申请公开的答复还不够规范，业务能力需要加强。',
  '基层工作人员变动较大，业务培训有待加强。',
] as const;
const improvements = [
  '下一步，将加强学习培训，提高工作人员的业务水平。',
  '下一步，将细化公开目录，扩大主动公开的范围。',
  '下一步，将健全工作机制，压实各科室责任。',
  '下一步，将丰富解读形式，提升政策解读的质量。',
] as const;

/** Draws the text of a report with `received` new requests and `handled` completed ones. */
export function narrativeOf(
  below: Below,
  organ: CountryOrgan,
  year: number,
  received: number,
  handled: number,
): Pick<Content, 'title' | 'source_url' | 'overview' | 'problems' | 'other_matters'> {
  const from = below(measures.length);
  const told = Array.from(
    { length: 6 },
    (_, i) =>
      `（${'一二三四五六'[i]}）${measures[(from + i) % measures.length]}${measures[(from + i * 3 + 1) % measures.length]}`,
  );
  return {
    title: `${organ.name}${year}年政府信息公开工作年度报告`,
    source_url: `https://www.example.gov.cn/zfxxgk/${organ.division_code ?? '000000'}/${year}/${organ.number}.html`,
    overview: `${year}年，${organ.name}认真贯彻《中华人民共和国政府信息公开条例》，主动公开政府信息${20 + below(900)}条，新收政府信息公开申请${received}件，办结${handled}件。${told.join('')}`,
    problems: [0, 1, 2].map(() => pick(below, problems) + pick(below, improvements)).join(''),
    other_matters: `本年度收取信息处理费${below(20) === 0 ? below(300) * 10 : 0}元。`,
  };
}
