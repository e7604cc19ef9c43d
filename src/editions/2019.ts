import type { Edition, Measure } from './edition.ts';
import { groupsOfEveryEdition, rowsAfterOther, rowsBeforeOther } from './request-rows.ts';

const made: Measure = {
  measure: 'made',
  label: { zh: '本年新制作数量', en: 'Newly made this year' },
  unit: '件',
  type: 'integer >= 0',
};
const disclosed: Measure = {
  measure: 'disclosed',
  label: { zh: '本年新公开数量', en: 'Newly disclosed this year' },
  unit: '件',
  type: 'integer >= 0',
};
const disclosedTotal: Measure = {
  measure: 'disclosed_total',
  label: { zh: '对外公开总数量', en: 'Disclosed in total' },
  unit: '件',
  type: 'integer >= 0',
};
const priorItems: Measure = {
  measure: 'prior_items',
  label: { zh: '上一年项目数量', en: 'Matters at the end of last year' },
  unit: '项',
  type: 'integer >= 0',
};
const itemsChange: Measure = {
  measure: 'items_change',
  label: { zh: '本年增/减', en: 'Matters added or removed this year' },
  unit: '项',
  type: 'integer',
};
const decisions: Measure = {
  measure: 'decisions',
  label: { zh: '处理决定数量', en: 'Decisions made this year' },
  unit: '件',
  type: 'integer >= 0',
};
const projects: Measure = {
  measure: 'projects',
  label: { zh: '采购项目数量', en: 'Procurement projects' },
  unit: '项',
  type: 'integer >= 0',
};
const amount: Measure = {
  measure: 'amount',
  label: { zh: '采购总金额', en: 'Total amount' },
  unit: null,
  type: 'decimal(18,4) >= 0',
};

/** 国办公开办函〔2019〕60号: the form of report years 2019 and 2020. */
export const edition2019: Edition = {
  edition: '2019',
  source: '国办公开办函〔2019〕60号',
  first_year: 2019,
  last_year: 2020,
  disclosure_items: [
    {
      clause: '20.1',
      clause_label: '第二十条第（一）项',
      item: 'regulations',
      label: { zh: '规章', en: 'Regulations (rules of government)' },
      measures: [made, disclosed, disclosedTotal],
    },
    {
      clause: '20.1',
      clause_label: '第二十条第（一）项',
      item: 'normative_documents',
      label: { zh: '规范性文件', en: 'Normative documents' },
      measures: [made, disclosed, disclosedTotal],
    },
    {
      clause: '20.5',
      clause_label: '第二十条第（五）项',
      item: 'licensing',
      label: { zh: '行政许可', en: 'Administrative licensing' },
      measures: [priorItems, itemsChange, decisions],
    },
    {
      clause: '20.5',
      clause_label: '第二十条第（五）项',
      item: 'other_services',
      label: { zh: '其他对外管理服务事项', en: 'Other external management and service matters' },
      measures: [priorItems, itemsChange, decisions],
    },
    {
      clause: '20.6',
      clause_label: '第二十条第（六）项',
      item: 'penalties',
      label: { zh: '行政处罚', en: 'Administrative penalties' },
      measures: [priorItems, itemsChange, decisions],
    },
    {
      clause: '20.6',
      clause_label: '第二十条第（六）项',
      item: 'compulsion',
      label: { zh: '行政强制', en: 'Administrative compulsion' },
      measures: [priorItems, itemsChange, decisions],
    },
    {
      clause: '20.8',
      clause_label: '第二十条第（八）项',
      item: 'fees',
      label: { zh: '行政事业性收费', en: 'Administrative fees' },
      measures: [priorItems, itemsChange],
    },
    {
      clause: '20.9',
      clause_label: '第二十条第（九）项',
      item: 'procurement',
      label: { zh: '政府集中采购', en: 'Centralised government procurement' },
      measures: [projects, amount],
    },
  ],
  request_statistics: [
    ...rowsBeforeOther,
    { row: 'other', role: 'result', group: null, label: { zh: '（六）其他处理', en: 'Other handling' } },
    ...rowsAfterOther,
  ],
  request_groups: [...groupsOfEveryEdition],
};
