/** The vocabulary of the printed form. Keys are permanent; labels are not. */

/** An official Chinese label and its English translation. */
export interface Label {
  zh: string;
  en: string;
}

export type EditionKey = '2019' | '2021';

/** `integer >= 0`: a count; `integer`: a signed change; `decimal(18,4) >= 0`: money. */
export type FigureType = 'integer >= 0' | 'integer' | 'decimal(18,4) >= 0';

/** What a figure counts. Null where the form names no unit. */
export type Unit = '件' | '项' | '元' | '万元';

export const units: readonly { unit: Unit; label: Label }[] = [
  { unit: '件', label: { zh: '件', en: 'cases or documents' } },
  { unit: '项', label: { zh: '项', en: 'matters or projects' } },
  { unit: '元', label: { zh: '元', en: 'yuan' } },
  { unit: '万元', label: { zh: '万元', en: 'ten thousand yuan' } },
];

export interface Measure {
  measure: string;
  label: Label;
  unit: Unit | null;
  type: FigureType;
}

/** One printed line of section two: an item of Article 20 of Decree 711 with the measures its columns hold. */
export interface DisclosureItem {
  clause: '20.1' | '20.5' | '20.6' | '20.8' | '20.9';
  clause_label: string;
  item: string;
  label: Label;
  measures: readonly Measure[];
}

/**
 * What a row does in the arithmetic of section three. Rules and aggregates refer to roles, never to names of rows.
 */
export type Role = 'received' | 'carried_in' | 'result' | 'result_total' | 'carried_out';

export type Group = 'refused' | 'unavailable' | 'not_handled' | 'other_handling';

export interface RequestRow {
  row: string;
  role: Role;
  /** The printed group label above the row; a group has no cells of its own. */
  group: Group | null;
  label: Label;
}

export interface RequestGroup {
  group: Group;
  label: Label;
}

/** One issue of the form. Array order is the printed order. */
export interface Edition {
  edition: EditionKey;
  /** The document of the State Council General Office that issued it. */
  source: string;
  first_year: number;
  /** null while the edition is in force. */
  last_year: number | null;
  disclosure_items: readonly DisclosureItem[];
  request_statistics: readonly RequestRow[];
  request_groups: readonly RequestGroup[];
}

/** The seven columns of section three; `total` is printed, not computed. */
export const applicants = [
  { applicant: 'natural_person', label: { zh: '自然人', en: 'Natural persons' } },
  { applicant: 'business', label: { zh: '商业企业', en: 'Businesses' } },
  { applicant: 'research', label: { zh: '科研机构', en: 'Research institutions' } },
  { applicant: 'public_interest', label: { zh: '社会公益组织', en: 'Public-interest organisations' } },
  { applicant: 'legal_service', label: { zh: '法律服务机构', en: 'Legal service providers' } },
  { applicant: 'other', label: { zh: '其他', en: 'Other organisations' } },
  { applicant: 'total', label: { zh: '总计', en: 'Total' } },
] as const;

export type Applicant = (typeof applicants)[number]['applicant'];

/** The three proceedings of section four; the same in every edition. */
export const proceedings = [
  { proceeding: 'review', label: { zh: '行政复议', en: 'Administrative review' } },
  {
    proceeding: 'litigation_direct',
    label: { zh: '未经复议直接起诉', en: 'Litigation without prior review' },
  },
  { proceeding: 'litigation_after_review', label: { zh: '复议后起诉', en: 'Litigation after review' } },
] as const;

export type Proceeding = (typeof proceedings)[number]['proceeding'];

/** The five columns of each proceeding; `total` is printed, not computed. */
export const outcomes = [
  { outcome: 'upheld', label: { zh: '结果维持', en: 'Upheld' } },
  { outcome: 'corrected', label: { zh: '结果纠正', en: 'Corrected' } },
  { outcome: 'other', label: { zh: '其他结果', en: 'Other result' } },
  { outcome: 'pending', label: { zh: '尚未审结', en: 'Pending' } },
  { outcome: 'total', label: { zh: '总计', en: 'Total' } },
] as const;

export type Outcome = (typeof outcomes)[number]['outcome'];
