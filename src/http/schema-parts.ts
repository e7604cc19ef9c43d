import { type TSchema, Type } from 'typebox';

/** What the schemas of requests and answers are put together from. */

/** A scalar that may be null. */
export const nullable = <T>(type: string, options: object = {}) =>
  Type.Unsafe<T | null>({ type: [type, 'null'], ...options });
/** One of the keys of a list. */
export const keys = <T extends string>(values: readonly T[], options: object = {}) =>
  Type.Unsafe<T>({ type: 'string', enum: [...values], ...options });
/** A component by name, with the type it has in code. */
export const ref = <T>(id: string, options: { description?: string } = {}) =>
  Type.Unsafe<T>(Type.Ref(id, options));
/** How many there are. */
export const count = (description: string) => Type.Integer({ minimum: 0, description });
/** A query member that may repeat: any of the values. */
export const several = <T extends TSchema>(items: T, description: string, examples?: unknown[]) =>
  Type.Optional(
    Type.Array(items, { minItems: 1, maxItems: 1000, description, ...(examples && { examples }) }),
  );
