import fc from 'fast-check';
import {
  applicants,
  type Edition,
  type Measure,
  outcomes,
  proceedings,
  type Unit,
} from '../../src/editions/edition.ts';
import type { CellNote, Figures } from '../../src/editions/figures.ts';
import { editions } from '../../src/editions/index.ts';

/** Prints figures the way a DOCX table becomes text, for reading them back. Knows nothing of the importer. */

/** A printed cell: what stands there, and what it means. */
export interface PrintedCell {
  raw: string;
  value: number | null;
  unit: Unit | null;
  note: boolean;
}
export type Print = (cell: string, measure: Measure | null) => PrintedCell;

const tabs = (cells: readonly string[], width: number) =>
  [...cells, ...Array<string>(Math.max(0, width - cells.length)).fill('')].join('\t');

export interface Printed {
  text: string;
  /** What stands in each cell of the form. */
  raws: ReadonlyMap<string, string>;
  figures: Pick<
    Figures,
    'editions' | 'disclosure_items' | 'request_statistics' | 'review_litigation_counts' | 'cell_notes'
  >;
}

/** A whole report in layout 1. `breaks` says before which rows of section three a page ends. */
export function printReport(
  disclosure: Edition,
  requests: Edition,
  print: Print,
  breaks: ReadonlySet<number> = new Set(),
): Printed {
  const notes: CellNote[] = [];
  const raws = new Map<string, string>();
  const figures: Printed['figures'] = {
    editions: { disclosure_items: disclosure.edition, request_statistics: requests.edition },
    disclosure_items: [],
    request_statistics: [],
    review_litigation_counts: [],
    cell_notes: notes,
  };
  const at = (cell: string, measure: Measure | null) => {
    const printed = print(cell, measure);
    raws.set(cell, printed.raw);
    if (printed.note) notes.push({ cell, raw: printed.raw, note: null });
    return printed;
  };
  const lines = [
    '某市人民政府',
    '2023年政府信息公开工作年度报告',
    '',
    '一、总体情况',
    '本年度工作平稳。',
    '',
    '二、主动公开政府信息情况',
    '',
  ];

  let clause = '';
  for (const item of disclosure.disclosure_items) {
    if (item.clause !== clause) {
      clause = item.clause;
      lines.push(tabs([item.clause_label], 4));
      lines.push(tabs(['信息内容', ...item.measures.map((measure) => measure.label.zh)], 4));
    }
    const cells = item.measures.map((measure) => {
      const printed = at(`disclosure_items.${item.item}.${measure.measure}`, measure);
      figures.disclosure_items.push({
        item: item.item,
        measure: measure.measure,
        value: printed.value,
        unit: printed.unit,
      });
      return printed.raw;
    });
    lines.push(tabs([item.label.zh, ...cells], 4));
  }

  lines.push('', '三、收到和处理政府信息公开申请情况', '');
  const parts = applicants.slice(1, 6).map(({ label }) => label.zh);
  lines.push(
    tabs(['(本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和)', '', '申请人情况'], 10),
  );
  lines.push(tabs(['', '', '自 然 人', '法人或其他组织', '', '', '', '', '总计'], 10));
  lines.push(tabs(['', '', '', ...parts], 10));
  let group: string | null = null;
  for (const [index, row] of requests.request_statistics.entries()) {
    if (breaks.has(index)) lines.push('');
    const values = applicants.map(({ applicant }) => at(`request_statistics.${row.row}.${applicant}`, null));
    figures.request_statistics.push({
      row: row.row,
      ...Object.fromEntries(applicants.map(({ applicant }, column) => [applicant, values[column]!.value])),
    } as Figures['request_statistics'][number]);
    const groupLabel = requests.request_groups.find((each) => each.group === row.group)?.label.zh;
    const label =
      groupLabel !== undefined
        ? ['', row.group === group ? '' : groupLabel, row.label.zh]
        : row.role === 'result' || row.role === 'result_total'
          ? [row.row === 'granted' ? '三、本 年度办 理结果' : '', row.label.zh]
          : [row.label.zh, ''];
    group = row.group;
    lines.push(tabs([...label, ...values.map(({ raw }) => raw)], 10));
  }

  lines.push('', '四、政府信息公开行政复议、行政诉讼情况', '');
  const outcomeLabels = outcomes.map(({ label }) => label.zh);
  lines.push(tabs(['行政复议', '', '', '', '', '行政诉讼'], 15));
  lines.push(tabs([...outcomeLabels, proceedings[1].label.zh, '', '', '', '', proceedings[2].label.zh], 15));
  lines.push(tabs(['', '', '', '', '', ...outcomeLabels, ...outcomeLabels], 15));
  const counts: string[] = [];
  for (const { proceeding } of proceedings) {
    const values = outcomes.map(({ outcome }) =>
      at(`review_litigation_counts.${proceeding}.${outcome}`, null),
    );
    counts.push(...values.map(({ raw }) => raw));
    figures.review_litigation_counts.push({
      proceeding,
      ...Object.fromEntries(outcomes.map(({ outcome }, column) => [outcome, values[column]!.value])),
    } as Figures['review_litigation_counts'][number]);
  }
  lines.push(tabs(counts, 15));
  lines.push('', '五、存在的主要问题及改进情况', '人手不足。', '', '六、其他需要报告的事项', '无。');
  return { text: lines.join('\n'), raws, figures };
}

/** Every cell a different number, so that a figure in a wrong place shows. */
export function countingPrint(): Print {
  let next = 0;
  return (_cell, measure) => {
    next += 7;
    return { raw: String(next), value: next, unit: measure === null ? '件' : measure.unit, note: false };
  };
}

const blank = (raw: string) => ({ raw, value: null, unit: null as Unit | null, note: raw.trim() !== '' });
const blanks = fc.constantFrom('', '', ' ', '\u3000', '/', '-', '—', '／').map(blank);
const counts = fc.oneof(
  fc.nat({ max: 30 }),
  fc.nat(),
  fc.constantFrom(0, 11_398_889, Number.MAX_SAFE_INTEGER),
);
const plain = counts.map((value) => ({ raw: String(value), value, unit: null as Unit | null, note: false }));
const spelt = counts.chain((value) =>
  fc.constantFrom(
    { raw: ` ${value}\u00a0`, value, unit: null as Unit | null, note: false },
    {
      raw: String(value).replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)),
      value,
      unit: null,
      note: false,
    },
    { raw: `${value}（其中修订${value}件）`, value, unit: null, note: true },
    { raw: value.toLocaleString('en'), value, unit: null, note: value > 999 },
  ),
);
const signed = fc.integer({ min: -5000, max: 5000 }).map((value) => ({
  raw: value > 0 ? `+${value}` : String(value),
  value,
  unit: null as Unit | null,
  note: false,
}));
const money = fc
  .tuple(fc.nat({ max: 99_999_999 }), fc.nat({ max: 9999 }), fc.constantFrom<Unit | null>(null, '元', '万元'))
  .map(([whole, fraction, unit]) => {
    const digits = `${whole}.${String(fraction).padStart(4, '0')}`;
    return { raw: `${digits}${unit ?? ''}`, value: Number(digits), unit, note: unit !== null };
  });

/** Any report of any pair of editions: all kinds of blanks and spellings, pages broken anywhere. */
export const anyReport: fc.Arbitrary<Printed> = fc
  .tuple(
    fc.constantFrom(...editions),
    fc.constantFrom(...editions),
    fc.infiniteStream(fc.oneof({ weight: 4, arbitrary: plain }, spelt, blanks)),
    fc.infiniteStream(fc.oneof(signed, blanks)),
    fc.infiniteStream(fc.oneof(money, plain, blanks)),
    fc.uniqueArray(fc.integer({ min: 1, max: 22 }), { maxLength: 4 }),
  )
  .map(([disclosure, requests, countStream, signedStream, moneyStream, breaks]) =>
    printReport(
      disclosure,
      requests,
      (_cell, measure) => {
        if (measure === null) return { ...countStream.next().value, unit: '件' as Unit };
        if (measure.type === 'integer') return { ...signedStream.next().value, unit: measure.unit };
        if (measure.type === 'integer >= 0') return { ...countStream.next().value, unit: measure.unit };
        let printed = moneyStream.next().value;
        while (printed.unit !== null && measure.unit !== null && printed.unit !== measure.unit)
          printed = moneyStream.next().value;
        if ((printed.value ?? 0) > 90_000_000_000) return { ...blank(''), unit: measure.unit };
        return { ...printed, unit: measure.unit ?? printed.unit };
      },
      new Set(breaks),
    ),
  );
