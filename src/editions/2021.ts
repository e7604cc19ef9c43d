import type { Edition, Measure } from './edition.ts';
import { groupsOfEveryEdition, rowsAfterOther, rowsBeforeOther } from './request-rows.ts';

const issued: Measure = {
  measure: 'issued',
  label: { zh: '本年制发件数', en: 'Issued this year' },
  unit: '件',
  type: 'integer >= 0',
};
const repealed: Measure = {
  measure: 'repealed',
  label: { zh: '本年废止件数', en: 'Repealed this year' },
  unit: '件',
  type: 'integer >= 0',
};
const inForce: Measure = {
  measure: 'in_force',
  label: { zh: '现行有效件数', en: 'In force' },
  unit: '件',
  type: 'integer >= 0',
};
const decisions: Measure = {
  measure: 'decisions',
  label: { zh: '本年处理决定数量', en: 'Decisions made this year' },
  unit: '件',
  type: 'integer >= 0',
};
const amount: Measure = {
  measure: 'amount',
  label: { zh: '本年收费金额', en: 'Fees collected this year' },
  unit: '万元',
  type: 'decimal(18,4) >= 0',
};

/** 国办公开办函〔2021〕30号: the form of report years since 2021. */
export const edition2021: Edition = {
  edition: '2021',
  source: '国办公开办函〔2021〕30号',
  first_year: 2021,
  last_year: null,
  disclosure_items: [
    {
      clause: '20.1',
      clause_label: '第二十条第（一）项',
      item: 'regulations',
      label: { zh: '规章', en: 'Regulations (rules of government)' },
      measures: [issued, repealed, inForce],
    },
    {
      clause: '20.1',
      clause_label: '第二十条第（一）项',
      item: 'normative_documents',
      label: { zh: '行政规范性文件', en: 'Administrative normative documents' },
      measures: [issued, repealed, inForce],
    },
    {
      clause: '20.5',
      clause_label: '第二十条第（五）项',
      item: 'licensing',
      label: { zh: '行政许可', en: 'Administrative licensing' },
      measures: [decisions],
    },
    {
      clause: '20.6',
      clause_label: '第二十条第（六）项',
      item: 'penalties',
      label: { zh: '行政处罚', en: 'Administrative penalties' },
      measures: [decisions],
    },
    {
      clause: '20.6',
      clause_label: '第二十条第（六）项',
      item: 'compulsion',
      label: { zh: '行政强制', en: 'Administrative compulsion' },
      measures: [decisions],
    },
    {
      clause: '20.8',
      clause_label: '第二十条第（八）项',
      item: 'fees',
      label: { zh: '行政事业性收费', en: 'Administrative fees' },
      measures: [amount],
    },
  ],
  request_statistics: [
    ...rowsBeforeOther,
    {
      row: 'other_no_correction',
      role: 'result',
      group: 'other_handling',
      label: {
        zh: '1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请',
        en: 'Applicant did not correct the request in time',
      },
    },
    {
      row: 'other_fee_unpaid',
      role: 'result',
      group: 'other_handling',
      label: {
        zh: '2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请',
        en: 'Applicant did not pay the fee in time',
      },
    },
    {
      row: 'other_misc',
      role: 'result',
      group: 'other_handling',
      label: { zh: '3.其他', en: 'Other (including withdrawals)' },
    },
    ...rowsAfterOther,
  ],
  request_groups: [
    ...groupsOfEveryEdition,
    { group: 'other_handling', label: { zh: '（六）其他处理', en: 'Other handling' } },
  ],
};
