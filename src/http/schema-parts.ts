import { type TSchema, Type } from 'typebox';

/** Parts that the schemas of requests and answers are made of. */

/** A scalar that may be null. */
export const nullable = <T>(type: string, options: object = {}) =>
  Type.Unsafe<T | null>({ type: [type, 'null'], ...options });
/** A text that is one of these keys. */
export const keys = <T extends string>(values: readonly T[], options: object = {}) =>
  Type.Unsafe<T>({ type: 'string', enum: [...values], ...options });
/** A reference to a component by its name, with the type that it has in code. */
export const ref = <T>(id: string, options: { description?: string } = {}) =>
  Type.Unsafe<T>(Type.Ref(id, options));
/** A number of things. */
export const count = (description: string) => Type.Integer({ minimum: 0, description });
/** A query member that may repeat and means any of its values. */
export const several = <T extends TSchema>(items: T, description: string, examples?: unknown[]) =>
  Type.Optional(
    Type.Array(items, { minItems: 1, maxItems: 1000, description, ...(examples && { examples }) }),
  );
