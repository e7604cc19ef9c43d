import type { RequestGroup, RequestRow } from './edition.ts';

/**
 * The rows of section three that every edition prints. Each edition has its own rows for （六）其他处理 between
 * `rowsBeforeOther` and `rowsAfterOther`.
 */
export const rowsBeforeOther: readonly RequestRow[] = [
  {
    row: 'new_received',
    role: 'received',
    group: null,
    label: { zh: '一、本年新收政府信息公开申请数量', en: 'Requests newly received this year' },
  },
  {
    row: 'carried_in',
    role: 'carried_in',
    group: null,
    label: { zh: '二、上年结转政府信息公开申请数量', en: 'Requests carried in from last year' },
  },
  { row: 'granted', role: 'result', group: null, label: { zh: '（一）予以公开', en: 'Granted' } },
  {
    row: 'partly_granted',
    role: 'result',
    group: null,
    label: {
      zh: '（二）部分公开（区分处理的，只计这一情形，不计其他情形）',
      en: 'Partly granted (counted here only)',
    },
  },
  {
    row: 'refused_state_secret',
    role: 'result',
    group: 'refused',
    label: { zh: '1.属于国家秘密', en: 'State secret' },
  },
  {
    row: 'refused_other_law',
    role: 'result',
    group: 'refused',
    label: { zh: '2.其他法律行政法规禁止公开', en: 'Disclosure forbidden by another law or regulation' },
  },
  {
    row: 'refused_security_stability',
    role: 'result',
    group: 'refused',
    label: {
      zh: '3.危及“三安全一稳定”',
      en: 'Endangers national, public or economic security or social stability',
    },
  },
  {
    row: 'refused_third_party',
    role: 'result',
    group: 'refused',
    label: { zh: '4.保护第三方合法权益', en: 'Lawful rights of a third party' },
  },
  {
    row: 'refused_internal_affairs',
    role: 'result',
    group: 'refused',
    label: { zh: '5.属于三类内部事务信息', en: 'Internal affairs (personnel, logistics, workflow)' },
  },
  {
    row: 'refused_deliberative',
    role: 'result',
    group: 'refused',
    label: {
      zh: '6.属于四类过程性信息',
      en: 'Deliberative process (discussion records, drafts, consultation letters, requests for instruction)',
    },
  },
  {
    row: 'refused_enforcement_file',
    role: 'result',
    group: 'refused',
    label: { zh: '7.属于行政执法案卷', en: 'Administrative enforcement file' },
  },
  {
    row: 'refused_inquiry_matter',
    role: 'result',
    group: 'refused',
    label: { zh: '8.属于行政查询事项', en: 'Covered by a statutory inquiry procedure' },
  },
  {
    row: 'unavailable_not_held',
    role: 'result',
    group: 'unavailable',
    label: { zh: '1.本机关不掌握相关政府信息', en: 'Not held by this organ' },
  },
  {
    row: 'unavailable_needs_creation',
    role: 'result',
    group: 'unavailable',
    label: { zh: '2.没有现成信息需要另行制作', en: 'Would have to be created' },
  },
  {
    row: 'unavailable_unclear',
    role: 'result',
    group: 'unavailable',
    label: { zh: '3.补正后申请内容仍不明确', en: 'Still unclear after correction' },
  },
  {
    row: 'not_handled_petition',
    role: 'result',
    group: 'not_handled',
    label: { zh: '1.信访举报投诉类申请', en: 'Petition, report or complaint' },
  },
  {
    row: 'not_handled_repeat',
    role: 'result',
    group: 'not_handled',
    label: { zh: '2.重复申请', en: 'Repeated request' },
  },
  {
    row: 'not_handled_publication',
    role: 'result',
    group: 'not_handled',
    label: { zh: '3.要求提供公开出版物', en: 'Asks for a public publication' },
  },
  {
    row: 'not_handled_excessive',
    role: 'result',
    group: 'not_handled',
    label: { zh: '4.无正当理由大量反复申请', en: 'Excessive repeated requests without good reason' },
  },
  {
    row: 'not_handled_reissue',
    role: 'result',
    group: 'not_handled',
    label: {
      zh: '5.要求行政机关确认或重新出具已获取信息',
      en: 'Asks to confirm or reissue information already obtained',
    },
  },
];

export const rowsAfterOther: readonly RequestRow[] = [
  {
    row: 'handled_total',
    role: 'result_total',
    group: null,
    label: { zh: '（七）总计', en: 'Total handled this year' },
  },
  {
    row: 'carried_out',
    role: 'carried_out',
    group: null,
    label: { zh: '四、结转下年度继续办理', en: 'Carried out to next year' },
  },
];

export const groupsOfEveryEdition: readonly RequestGroup[] = [
  { group: 'refused', label: { zh: '（三）不予公开', en: 'Refused' } },
  { group: 'unavailable', label: { zh: '（四）无法提供', en: 'Unavailable' } },
  { group: 'not_handled', label: { zh: '（五）不予处理', en: 'Not handled' } },
];
