import { Ajv, type ValidateFunction } from 'ajv';
import addFormatsModule from 'ajv-formats';
import type {
  FastifyError,
  FastifyRequest,
  FastifySchemaCompiler,
  FastifyServerOptions,
  preHandlerHookHandler,
} from 'fastify';
import type { TSchema } from 'typebox';
import type { Fault } from '../editions/form-faults.ts';
import type { App } from './app-type.ts';
import { escapePointer, fitting, type JsonSchema, mostFaults, overlong, toFaults } from './faults.ts';
import { damagedCursor } from './lists.ts';
import { Problem, type RequestFault } from './problem.ts';

/**
 * Validation of requests. Nothing is coerced, dropped or filled in: a body must be right as it is. Query
 * parameters are text on the wire, so they are first read by their declared type (`1e2` or `0x10` is no
 * integer). Members and parameters that the schema does not name are refused, and so is text that PostgreSQL
 * cannot hold.
 */

// ajv-formats is CommonJS: under Node's ESM the function is the default export's default.
const addFormats = addFormatsModule as unknown as typeof addFormatsModule.default;

/** The same schema, in which no object takes members that it does not name, unless it says otherwise. */
function closed<T>(schema: T): T {
  if (Array.isArray(schema)) return schema.map(closed) as T;
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  if ('properties' in copy && !('additionalProperties' in copy)) copy.additionalProperties = false;
  return copy as T;
}

/** A day of the calendar from 1900 to 2099. Others are slips of the pen, and PostgreSQL knows no year 0. */
function isDate(text: string): boolean {
  if (!/^(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** A moment on such a day, with an offset from UTC that PostgreSQL takes. */
function isDateTime(text: string): boolean {
  const [, day, offset] =
    /^(.{10})T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-]([0-9]{2}):[0-9]{2})$/i.exec(text) ?? [];
  return (
    day !== undefined &&
    isDate(day) &&
    Number(offset ?? 0) < 16 &&
    !Number.isNaN(Date.parse(text.toUpperCase()))
  );
}

function readScalar(text: unknown, schema: JsonSchema | undefined): unknown {
  if (typeof text !== 'string') return text;
  if (schema?.type === 'integer' && /^-?[0-9]{1,100}$/.test(text)) {
    const number = Number(text);
    // Where there is a maximum, it refuses the numbers that would be rounded.
    if (Number.isSafeInteger(number) || schema.maximum !== undefined) return number;
  }
  if (schema?.type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

/** Reads query text by declared type. A list may be repeated, separated by commas or spelt `name[]`. */
function readQuery(query: Record<string, unknown>, schema: JsonSchema): Record<string, unknown> {
  // Without a prototype: a parameter may be called __proto__.
  const result: Record<string, unknown> = Object.create(null);
  for (const [spelling, given] of Object.entries(query)) {
    const name = spelling.endsWith('[]') ? spelling.slice(0, -2) : spelling;
    const property = schema.properties?.[name];
    if (property?.type === 'array') {
      const values = [given]
        .flat()
        .flatMap((value) => (typeof value === 'string' ? value.split(',') : [value]));
      const earlier = Array.isArray(result[name]) ? (result[name] as unknown[]) : [];
      result[name] = [...earlier, ...values.map((value) => readScalar(value, property.items))];
    } else result[property ? name : spelling] = readScalar(given, property);
  }
  return result;
}

/** Whether `unsafeText` would find nothing in a value. Most values are safe, and this takes a tenth of the time. */
function isSafe(value: unknown): boolean {
  if (typeof value === 'string') return !value.includes('\0') && value.isWellFormed();
  if (Array.isArray(value)) return value.every(isSafe);
  if (typeof value === 'object') for (const name in value) if (!isSafe(value[name as never])) return false;
  return true;
}

/** Text that a database or another reader would alter: NUL, and surrogates without their partner. */
function unsafeText(root: unknown): Fault[] {
  if (isSafe(root)) return [];
  const faults: Fault[] = [];
  const stack: [unknown, string][] = [[root, '']];
  for (let entry = stack.pop(); entry !== undefined && faults.length < mostFaults; entry = stack.pop()) {
    const [value, pointer] = entry;
    if (typeof value === 'string') {
      if (value.includes('\0'))
        faults.push({ pointer, code: 'nul-character', message: 'must not contain U+0000' });
      if (!value.isWellFormed())
        faults.push({ pointer, code: 'lone-surrogate', message: 'must be well-formed Unicode' });
    } else if (typeof value === 'object' && value !== null)
      for (const [key, member] of Object.entries(value))
        stack.push([member, `${pointer}/${escapePointer(key)}`]);
  }
  return faults;
}

type Members = Record<string, unknown>;

/** What a schema cannot say of the part of a request that it describes. */
export interface Meaning {
  /** The schema that holds instead, chosen by what the part says. */
  narrowed?(value: Members): TSchema | undefined;
  /**
   * Faults of the members and items that fit (see `fitting`). `unfit` are the members that do not fit or have
   * items that do not.
   */
  faults?(fitting: Members, unfit: ReadonlySet<string>): Fault[];
}

const meaning = Symbol('meaning');

/** The schema of a part of a request, together with what it cannot say. */
export const meaningful = <T extends TSchema>(schema: T, given: Meaning | undefined): T => ({
  ...schema,
  [meaning]: given,
});

const isRecord = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const partOf: Record<string, RequestFault['in']> = { querystring: 'query', params: 'path' };

/** Makes the validators of each part of each route, which know the shared components. */
function buildValidator(components: Record<string, unknown>): FastifySchemaCompiler<JsonSchema> {
  const ajv = new Ajv({
    allErrors: true,
    allowUnionTypes: true,
    coerceTypes: false,
    removeAdditional: false,
    verbose: true,
    strictSchema: 'log',
    strictTuples: false,
  });
  addFormats(ajv);
  ajv.addFormat('uuid', /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i);
  ajv.addFormat('date', isDate);
  ajv.addFormat('date-time', isDateTime);
  ajv.addKeyword('example');
  for (const [id, schema] of Object.entries(components)) ajv.addSchema(closed(schema) as object, id);
  const validators = new WeakMap<JsonSchema, ValidateFunction>();
  /** A schema is compiled when it is first used: compiling all of them would take most of the start. */
  const validatorOf = (schema: JsonSchema): ValidateFunction => {
    const validate = validators.get(schema) ?? ajv.compile(closed(schema));
    validators.set(schema, validate);
    return validate;
  };
  return ({ schema, httpPart }) => {
    if (httpPart === 'headers') return () => true;
    const part = partOf[httpPart ?? ''];
    const { narrowed, faults: faultsOf } = (schema as { [meaning]?: Meaning })[meaning] ?? {};
    return (data: unknown) => {
      const value = httpPart === 'querystring' ? readQuery(data as Members, schema) : data;
      const holding = ((isRecord(value) && narrowed?.(value)) || schema) as JsonSchema;
      const whole = (components[String(holding.$ref)] as JsonSchema | undefined) ?? holding;
      const faults = unsafeText(value);
      const validate = validatorOf(holding);
      const lists = overlong(value, whole);
      faults.push(...lists);
      if (!validate(lists.length === 0 ? value : fitting(value as Members, lists)))
        faults.push(
          ...toFaults(validate.errors ?? [], whole, part).filter(
            ({ pointer }) => !lists.some((list) => list.pointer === pointer),
          ),
        );
      // With as many faults as can be listed, it is not known what else fits.
      if (faultsOf && isRecord(value) && faults.length < mostFaults) {
        const unfit = new Set(faults.map(({ pointer }) => pointer.split('/')[1]!));
        faults.push(...faultsOf(faults.length === 0 ? value : fitting(value, faults), unfit));
      }
      if (faults.length === 0) return { value };
      const errors = faults.slice(0, mostFaults).map((fault) => (part ? { in: part, ...fault } : fault));
      return { error: new Problem('invalid-request', { errors }) };
    };
  };
}

const parts = ['params', 'body', 'querystring'] as const;

/**
 * Adds to a problem the faults of those parts of a request that Fastify has not looked at, because it stops
 * at the first part that does not fit. Of a cursor only damage is told: which list it belongs to is known
 * once all else is right.
 */
export function withLaterParts(
  { code, options }: Problem,
  first: (typeof parts)[number],
  request: FastifyRequest,
): Problem {
  const later = parts.slice(parts.indexOf(first) + 1).flatMap((part) => {
    const check: unknown = request.getValidationFunction(part);
    if (typeof check !== 'function') return [];
    const { error } = check(request[part === 'querystring' ? 'query' : part] ?? null);
    return (error as Problem | undefined)?.options.errors ?? [];
  });
  const errors = [...(options.errors ?? []), ...later];
  if (!errors.some(({ pointer }) => pointer === '/cursor')) errors.push(...damagedCursor(request));
  return new Problem(code, { ...options, errors });
}

/**
 * For routes that tell the faults of a body together with others that they find themselves
 * (`attachValidation`): attaches the faults of every part. A path that does not fit is refused before the
 * route looks for more.
 */
export function registerAttachedFaults(app: App): void {
  app.addHook('onRoute', (route) => {
    if (!route.attachValidation) return;
    const attach: preHandlerHookHandler = (request, _reply, done) => {
      const { validationError: error } = request;
      if (!(error instanceof Problem)) return done();
      const part = (error as FastifyError).validationContext as (typeof parts)[number];
      const whole = withLaterParts(error, part, request);
      if (part === 'params') return done(whole);
      request.validationError = whole as typeof error;
      done();
    };
    route.preHandler = [attach, ...[route.preHandler ?? []].flat()];
  });
}

/**
 * Fastify's schema controller: one validator for bodies, queries and paths alike. Fastify asks for a
 * validator for every route. It is built only once for the same components, because building takes most of
 * the start. The cast is needed because Fastify's types know only the options of its own Ajv.
 */
export function schemaController(): NonNullable<FastifyServerOptions['schemaController']> {
  const built = new Map<string, FastifySchemaCompiler<JsonSchema>>();
  const buildOnce = (components: Record<string, unknown>) => {
    const names = Object.keys(components).sort().join(' ');
    const validator = built.get(names) ?? buildValidator(components);
    built.set(names, validator);
    return validator;
  };
  return { compilersFactory: { buildValidator: buildOnce } } as unknown as NonNullable<
    FastifyServerOptions['schemaController']
  >;
}
