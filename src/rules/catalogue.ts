import type { Figures } from '../editions/figures.ts';
import { rules } from './index.ts';
import type { Parts } from './parts.ts';
import type { Rule, Subject } from './rule.ts';

/** A subject as the catalogue shows it: without empty tables, and without what the rule does not need. */
export interface CatalogueExample {
  organ?: NonNullable<Subject['organ']>;
  report: Partial<Figures>;
  previous?: Partial<Figures>;
  parts?: Parts;
}

const withoutEmpty = (figures: Figures): Partial<Figures> =>
  Object.fromEntries(
    Object.entries(figures).filter(([, member]) => !Array.isArray(member) || member.length > 0),
  );

const exampleOf = ({ organ, figures, previous, parts }: Subject): CatalogueExample => ({
  ...(organ === null ? {} : { organ }),
  report: withoutEmpty(figures),
  ...(previous === null ? {} : { previous: withoutEmpty(previous) }),
  ...(parts === undefined ? {} : { parts }),
});

/** A rule as `GET /v1/rules` answers it. */
export function catalogueEntry({ check: _, examples, editions, operands, ...head }: Rule) {
  return {
    ...head,
    editions: [...editions],
    operands: [...operands],
    examples: { passing: exampleOf(examples.passing), failing: exampleOf(examples.failing) },
  };
}

export const catalogue = rules.map(catalogueEntry);
