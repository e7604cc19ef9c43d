import {
  type Applicant,
  applicants,
  type Label,
  type Outcome,
  outcomes,
  type Proceeding,
  proceedings,
} from './edition.ts';
import { editions } from './index.ts';

/**
 * The keys of each kind across all editions, in printed order and each once. Schemas, filters and SQL derive from
 * them.
 */

const unique = <T>(values: readonly T[]): readonly T[] => [...new Set(values)];

export const itemKeys = unique(editions.flatMap((e) => e.disclosure_items.map((item) => item.item)));
export const measureKeys = unique(
  editions.flatMap((e) => e.disclosure_items.flatMap((item) => item.measures.map((m) => m.measure))),
);
export const rowKeys = unique(
  [
    ...editions.flatMap((e) =>
      e.request_statistics.filter((r) => r.role !== 'result_total' && r.role !== 'carried_out'),
    ),
    ...editions.flatMap((e) => e.request_statistics.filter((r) => r.role === 'result_total')),
    ...editions.flatMap((e) => e.request_statistics.filter((r) => r.role === 'carried_out')),
  ].map((row) => row.row),
);
export const groupKeys = unique(editions.flatMap((e) => e.request_groups.map((group) => group.group)));
export const applicantKeys: readonly Applicant[] = applicants.map((a) => a.applicant);
export const proceedingKeys: readonly Proceeding[] = proceedings.map((p) => p.proceeding);
export const outcomeKeys: readonly Outcome[] = outcomes.map((o) => o.outcome);

/** The six applicant columns that add up to `total`. */
export const applicantParts = applicantKeys.filter((key) => key !== 'total');
/** The four outcome columns that add up to `total`. */
export const outcomeParts = outcomeKeys.filter((key) => key !== 'total');

/** What kind of organ reports; `branch` is a 分局 or 派出机构, `development_zone` a 管委会. */
export const organKinds = [
  { kind: 'government', label: { zh: '人民政府', en: 'Government' } },
  { kind: 'general_office', label: { zh: '办公厅（室）', en: 'General office of a government' } },
  { kind: 'department', label: { zh: '部门', en: 'Department' } },
  { kind: 'subdistrict', label: { zh: '街道办事处', en: 'Subdistrict office' } },
  { kind: 'branch', label: { zh: '派出机构', en: 'Branch or agency' } },
  { kind: 'development_zone', label: { zh: '开发区管理委员会', en: 'Development zone committee' } },
  { kind: 'public_institution', label: { zh: '事业单位', en: 'Public institution' } },
] as const satisfies readonly { kind: string; label: Label }[];
export type OrganKind = (typeof organKinds)[number]['kind'];
export const kindKeys: readonly OrganKind[] = organKinds.map(({ kind }) => kind);

export const organLevels = [
  { level: 'national', label: { zh: '国家级', en: 'National' } },
  { level: 'province', label: { zh: '省级', en: 'Province' } },
  { level: 'city', label: { zh: '地市级', en: 'City or prefecture' } },
  { level: 'county', label: { zh: '县级', en: 'County or district' } },
  { level: 'town', label: { zh: '乡镇级', en: 'Town or street' } },
] as const satisfies readonly { level: string; label: Label }[];
export type OrganLevel = (typeof organLevels)[number]['level'];
export const levelKeys: readonly OrganLevel[] = organLevels.map(({ level }) => level);

/** Whose figures a report holds: the organ's own, or those of everything below it added up. A person says which. */
export const scopes = [
  { scope: 'own', label: { zh: '本机关', en: 'Own figures' } },
  { scope: 'consolidated', label: { zh: '汇总', en: 'Consolidated figures' } },
] as const satisfies readonly { scope: string; label: Label }[];
export type Scope = (typeof scopes)[number]['scope'];
export const scopeKeys: readonly Scope[] = scopes.map(({ scope }) => scope);

/** The states of a revision; see src/reports/lifecycle.ts. */
export const revisionStates = [
  { state: 'draft', label: { zh: '草稿', en: 'Draft' } },
  { state: 'submitted', label: { zh: '已提交', en: 'Submitted' } },
  { state: 'published', label: { zh: '已发布', en: 'Published' } },
  { state: 'superseded', label: { zh: '已被更正', en: 'Superseded by a correction' } },
  { state: 'withdrawn', label: { zh: '已撤回', en: 'Withdrawn' } },
] as const satisfies readonly { state: string; label: Label }[];
export type RevisionState = (typeof revisionStates)[number]['state'];
