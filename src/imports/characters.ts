/**
 * Characters that mean the same in a label. NFKC already folds full-width forms and the Kangxi radicals
 * (U+2F00–2FD5); the radicals supplement below has no compatibility mapping, and traditional forms never do.
 */

const radicals =
  '⺁厂⺋卩⺎兀⺒巳⺓幺⺝月⺟母⺠民⺢水⺩王⺬示⺯糸⻁虎⻄西⻅见⻆角⻉贝⻋车⻌辶⻐钅⻓长⻔门⻘青⻙韦⻚页⻛风⻜飞⻝食⻢马⻣骨⻤鬼⻥鱼⻦鸟⻨麦⻩黄⻬齐⻮齿⻰龙⻳龟';

/** Traditional forms, each followed by the simplified character with which the form's own labels are printed. */
const traditional =
  '規规範范製制開开對对總总數数處处條条項项許许罰罚強强業业費费採采購购額额採采請请轉转續续辦办結结確确認认獲获權权護护關关類类務务過过執执詢询壓压屬属國国傳传統统達达訴诉訟讼議议複复復复維维糾纠審审後后經经計计無无當当補补現现單单訪访舉举報报實实術术機机構构團团體体醫医會会組组織织與与為为產产書书內内區区點点預预發发於于據据標标題题見见須须聲声設设責责質质錄录還还進进遠远選选適适邊边鄉乡鎮镇縣县廳厅局局';

const folded = new Map<string, string>();
for (const pairs of [radicals, traditional]) {
  const characters = [...pairs];
  for (let index = 0; index + 1 < characters.length; index += 2)
    folded.set(characters[index]!, characters[index + 1]!);
}

const foldable = new RegExp(`[${[...folded.keys()].join('')}]`, 'g');

/** Zero-width and other invisible characters that extractors leave behind; not white space to JavaScript. */
const invisible = /[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/g;

/** A printed cell without invisible characters and without white space around it, which may be spelt `&nbsp;`. */
export const printed = (text: string) => text.replaceAll('&nbsp;', ' ').replace(invisible, '').trim();

/** The text with compatibility forms, radicals and traditional characters folded, and no white space at all. */
export function folding(text: string): string {
  const plain = text.normalize('NFKC').replace(invisible, '').replace(/\s+/g, '');
  return plain.replace(foldable, (character) => folded.get(character)!);
}

/**
 * Stands in a cell for what may be a figure and cannot be read as one: a picture, a figure struck out, or one
 * in merged cells, where nobody can say to which cell it belongs. It is U+FFFC, the object replacement
 * character.
 */
export const unreadableMark = '\ufffc';
