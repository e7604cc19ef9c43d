import { Type } from 'typebox';
import { keys, nullable, ref } from '../http/schema-parts.ts';
import {
  applicants,
  type EditionKey,
  type Label as LabelText,
  outcomes,
  proceedings,
  units,
} from './edition.ts';
import { editionByKey, editionKeys } from './index.ts';
import { applicantKeys, groupKeys, outcomeKeys, proceedingKeys } from './vocabulary.ts';

/** The form on the wire: what `edition.ts` describes, as named components of the OpenAPI document. */

const refs = (id: string, description: string) => Type.Array(Type.Ref(id), { description });
/** Not an enum: generators for OpenAPI 3.0 do not understand a null among its values, nor a component or null. */
const orNull = <T extends string>(values: readonly T[], description: string) =>
  nullable<T>('string', {
    description: `${description} One of ${values.map((value) => `\`${value}\``).join(', ')} or null.`,
  });

const Label = Type.Object(
  {
    zh: Type.String({ description: 'The official wording, in Chinese.' }),
    en: Type.String({ description: 'A translation into English.' }),
  },
  {
    $id: 'Label',
    description: 'A text in both languages. The Chinese one is official.',
    examples: [{ zh: '（一）予以公开', en: 'Granted' }],
  },
);
const LabelRef = ref<LabelText>('Label');
export const labelled = (description: string) => ref<LabelText>('Label', { description });

const EditionName = keys(editionKeys, {
  $id: 'EditionName',
  description: 'An edition of the form, named after the first report year it was made for.',
  examples: ['2021'],
});

const FormMeasure = Type.Object(
  {
    measure: Type.String({ description: 'Permanent key of the measure within its item.' }),
    label: LabelRef,
    unit: orNull(
      units.map(({ unit }) => unit),
      `${units.map(({ unit, label }) => `\`${unit}\` ${label.en}`).join(', ')}; null where the printed header names none and the unit is kept as published.`,
    ),
    type: keys(['integer >= 0', 'integer', 'decimal(18,4) >= 0'], {
      description:
        'What the cell may hold: a count, a signed change of a count, or money with up to four decimals.',
    }),
  },
  {
    $id: 'FormMeasure',
    description: 'One column of an item of section two: with the item it names a cell.',
    examples: [editionByKey('2021').disclosure_items[0]!.measures[0]],
  },
);

const FormItem = Type.Object(
  {
    clause: keys(['20.1', '20.5', '20.6', '20.8', '20.9'] as const, {
      description: 'Article and paragraph of 《政府信息公开条例》 (State Council Decree 711).',
    }),
    clause_label: Type.String({ description: 'The clause as printed.' }),
    item: Type.String({ description: 'Permanent key of the item.' }),
    label: LabelRef,
    measures: refs('FormMeasure', 'Its columns, in printed order.'),
  },
  {
    $id: 'FormItem',
    description: 'One line of section two, 主动公开政府信息情况.',
    examples: [editionByKey('2021').disclosure_items[3]],
  },
);

const FormRow = Type.Object(
  {
    row: Type.String({ description: 'Permanent key of the row.' }),
    role: keys(['received', 'carried_in', 'result', 'result_total', 'carried_out'], {
      description:
        'Its part in the arithmetic: received + carried_in = result_total + carried_out, and the results add up to result_total.',
    }),
    group: orNull(groupKeys, 'The group it is printed under; null for a row of its own.'),
    label: LabelRef,
  },
  {
    $id: 'FormRow',
    description: 'One row of section three; each row has a cell, in 件, for every applicant.',
    examples: [editionByKey('2021').request_statistics[4]],
  },
);

const FormGroup = Type.Object(
  {
    group: keys(groupKeys, { description: 'Permanent key of the group.' }),
    label: LabelRef,
  },
  {
    $id: 'FormGroup',
    description:
      'A group label of section three. It has no cells; subtotals are computed from its rows, never stored.',
    examples: [editionByKey('2021').request_groups[0]],
  },
);

const FormApplicant = Type.Object(
  {
    applicant: keys(applicantKeys, { description: 'Permanent key of the column.' }),
    label: LabelRef,
  },
  {
    $id: 'FormApplicant',
    description: 'A column of section three. `total` is what was printed, not what the others add up to.',
    examples: [applicants[0]],
  },
);

const FormProceeding = Type.Object(
  {
    proceeding: keys(proceedingKeys, { description: 'Permanent key of the proceeding.' }),
    label: LabelRef,
  },
  {
    $id: 'FormProceeding',
    description: 'One of the three proceedings of section four; each has a cell, in 件, for every outcome.',
    examples: [proceedings[0]],
  },
);

const FormOutcome = Type.Object(
  { outcome: keys(outcomeKeys, { description: 'Permanent key of the column.' }), label: LabelRef },
  {
    $id: 'FormOutcome',
    description: 'A column of section four. `total` is what was printed, not what the others add up to.',
    examples: [outcomes[0]],
  },
);

const Edition = Type.Object(
  {
    edition: ref<EditionKey>('EditionName'),
    source: Type.String({
      description: 'The document of the State Council General Office (国务院办公厅) that issued it.',
    }),
    first_year: Type.Integer({ description: 'First report year it is made for.' }),
    last_year: nullable<number>('integer', {
      description: 'Last report year it is made for; null while it is in force.',
    }),
    disclosure_items: refs('FormItem', 'Section two, in printed order.'),
    request_statistics: refs('FormRow', 'The rows of section three, in printed order.'),
    request_groups: refs('FormGroup', 'The group labels of section three, in printed order.'),
    applicants: refs('FormApplicant', 'The columns of section three, in printed order.'),
    proceedings: refs('FormProceeding', 'The rows of section four, in printed order.'),
    outcomes: refs('FormOutcome', 'The columns of section four, in printed order.'),
  },
  {
    $id: 'Edition',
    description:
      'An edition of the printed form as data: permanent keys, official labels, printed order, units. A cell’s address is table.item.measure, table.row.applicant or table.proceeding.outcome.',
    examples: [editionDocument('2021')],
  },
);

const EditionList = Type.Object(
  {
    items: refs('Edition', 'Every edition, oldest first.'),
    next_cursor: nullable<string>('string', { description: 'Always null: all editions fit on one page.' }),
  },
  {
    $id: 'EditionList',
    description: 'The editions of the form.',
    examples: [{ items: editionKeys.map(editionDocument), next_cursor: null }],
  },
);

/** An edition as clients read it: the form's own tables with the columns that all editions share. */
export function editionDocument(key: EditionKey) {
  return { ...editionByKey(key), applicants, proceedings, outcomes };
}

/** Every component of this file, for `app.addSchema`. Other resources use those of the vocabulary too. */
export const editionComponents = [
  Label,
  EditionName,
  FormMeasure,
  FormItem,
  FormRow,
  FormGroup,
  FormApplicant,
  FormProceeding,
  FormOutcome,
  Edition,
  EditionList,
];
