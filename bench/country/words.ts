/** The part of organs' names that follows the place they belong to. */

/**
 * 部门 (departments), as they are called below province level. The names in `commissions` are the same at every level.
 */
export const departments = [
  ...['教育', '公安', '财政', '民政', '司法', '人力资源和社会保障', '自然资源', '生态环境', '住房和城乡建设'],
  ...['交通运输', '水利', '农业农村', '商务', '文化和旅游', '退役军人事务', '应急管理', '科学技术'],
  ...[
    '工业和信息化',
    '审计',
    '市场监督管理',
    '统计',
    '医疗保障',
    '林业',
    '信访',
    '体育',
    '行政审批',
    '粮食和物资储备',
  ],
].map((name) => `${name}局`);
export const commissions = [
  '发展和改革委员会',
  '卫生健康委员会',
  '民族宗教事务委员会',
  '国有资产监督管理委员会',
  '城市管理委员会',
  '人民防空办公室',
  '地方金融管理局',
  '乡村振兴局',
  '数据局',
  '机关事务管理局',
];

/** The departments whose names end in 厅 at province level, not in 局. */
export const offices = new Set(
  [
    ...[
      '教育',
      '公安',
      '财政',
      '民政',
      '司法',
      '人力资源和社会保障',
      '自然资源',
      '生态环境',
      '住房和城乡建设',
    ],
    ...[
      '交通运输',
      '水利',
      '农业农村',
      '商务',
      '文化和旅游',
      '退役军人事务',
      '应急管理',
      '科学技术',
      '工业和信息化',
    ],
    ...['审计'],
  ].map((name) => `${name}局`),
);

/** 派出机构 (branches): the name of the department that they belong to. The place they are for comes before 分局. */
export const branches = ['生态环境局', '公安局', '自然资源局', '市场监督管理局', '税务局', '综合行政执法局'];

/** 事业单位. */
export const institutions = [
  '住房公积金管理中心',
  '疾病预防控制中心',
  '供销合作社联合社',
  '地方志编纂中心',
  '公共资源交易中心',
  '大数据发展中心',
  '气象台',
  '档案馆',
  '不动产登记中心',
  '社会保险事业管理中心',
  '人民医院',
  '图书馆',
  '自来水公司',
  '公共交通集团',
];

/** 开发区. */
export const zones = [
  '经济开发区',
  '高新技术产业开发区',
  '工业园区',
  '旅游度假区',
  '化工园区',
  '现代农业示范区',
];

const firstSyllables = '龙凤金银石白清长大新高永太平安和东西南北双三五黄青红云天文武马花桃柳松杨';
const lastSyllables = '山水河桥湖泉关店集城庄台坪沟岭塘潭口溪湾井林田坝河岗屯寨楼坡滩洲港';

/** A name of two syllables for the `index`th town of a county. No two of them are alike. */
export function townName(index: number, county: number): string {
  const pair = (index * 37 + county * 101) % (firstSyllables.length * lastSyllables.length);
  return (
    firstSyllables[pair % firstSyllables.length]! + lastSyllables[Math.floor(pair / firstSyllables.length)]!
  );
}
