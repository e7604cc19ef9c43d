import { type Answer, isObject, type Json, type JsonObject, type OpenApiDocument } from './document.ts';
import { shapeOperation } from './operations.ts';

/** Turns what @fastify/swagger makes of the route schemas into a document that client generators understand. */

/** The largest 32-bit integer. Generators take an integer without a format to be one of 32 bits. */
const int32 = 2 ** 31 - 1;

/**
 * A component or null, for OpenAPI 3.0. An object is repeated in place: the validators in linters and generators
 * accept it, and a null in an example, only where the type stands beside `nullable`. Anything else becomes a lone
 * `allOf`, which generators understand.
 */
function componentOrNull(document: OpenApiDocument, reference: string): JsonObject {
  const component = document.components.schemas[reference.split('/').at(-1)!];
  if (component?.type !== 'object') return { nullable: true, allOf: [{ $ref: reference }] };
  const { example: _, examples: __, ...inPlace } = component;
  return { ...inPlace, nullable: true };
}

/** Shapes a schema and the schemas inside it, from the outside in. */
function shapeSchema(schema: Json, document: OpenApiDocument): Json {
  if (Array.isArray(schema)) return schema.map((member) => shapeSchema(member, document));
  if (!isObject(schema)) return schema;
  const is30 = document.openapi.startsWith('3.0');
  const { anyOf } = schema;
  if (is30 && Array.isArray(anyOf) && anyOf.length === 2) {
    const [one, other] = anyOf;
    if (isObject(one) && typeof one.$ref === 'string' && isObject(other) && other.nullable === true)
      return shapeSchema(componentOrNull(document, one.$ref), document);
  }
  const shaped: JsonObject = {};
  for (const [key, value] of Object.entries(schema)) {
    if (is30 && key === 'examples' && Array.isArray(value)) {
      if (value.length > 0) shaped.example ??= value[0]!;
      continue;
    }
    // Bodies with other members are refused when they are checked. In the document, the same would break clients with
    // every new member.
    if (key === 'additionalProperties' && value === false) continue;
    shaped[key] = ['example', 'examples', 'default', 'enum', 'const'].includes(key)
      ? value
      : key === 'properties' && isObject(value)
        ? Object.fromEntries(
            Object.entries(value).map(([name, member]) => [name, shapeSchema(member, document)]),
          )
        : shapeSchema(value, document);
  }
  const types = [shaped.type].flat();
  if (types.includes('integer') && shaped.format === undefined && !(Number(shaped.maximum) <= int32))
    shaped.format = 'int64';
  return shaped;
}

/** The components that the paths refer to, directly or through other components, sorted by name. */
function usedComponents(document: OpenApiDocument): Record<string, JsonObject> {
  const { schemas } = document.components;
  const used = new Set<string>();
  const visit = (value: unknown): void => {
    const names = JSON.stringify(value).matchAll(/"#\/components\/schemas\/([^"/]+)"/g);
    for (const [, name] of names)
      if (!used.has(name!)) {
        used.add(name!);
        visit(schemas[name!] ?? null);
      }
  };
  visit(document.paths);
  return Object.fromEntries(
    [...used].toSorted().flatMap((name) => (schemas[name] ? [[name, schemas[name]]] : [])),
  );
}

/** The `transformObject` of @fastify/swagger. Returns a document of its own, in which no object occurs twice. */
export function shapeDocument(raw: object): OpenApiDocument {
  const document: OpenApiDocument = structuredCopy(raw);
  for (const [path, methods] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(methods)) {
      shapeOperation(document, path, method, operation);
      for (const parameter of operation.parameters ?? [])
        if (parameter.schema) parameter.schema = shapeSchema(parameter.schema, document);
      for (const { content } of [
        operation.requestBody ?? {},
        ...Object.values(operation.responses),
      ] as Answer[])
        for (const media of Object.values(content ?? {}))
          if (media.schema) media.schema = shapeSchema(media.schema, document);
    }
  const usedTags = new Set(
    Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).flatMap((each) => each.tags ?? []),
    ),
  );
  if (document.tags) document.tags = document.tags.filter((tag) => usedTags.has(tag.name));
  for (const [name, schema] of Object.entries(document.components.schemas))
    document.components.schemas[name] = shapeSchema(schema, document) as JsonObject;
  document.components.schemas = usedComponents(document);
  return structuredCopy(document);
}

/**
 * A copy made through JSON. Shared objects become separate ones, which YAML would write as aliases. Undefined members
 * go.
 */
const structuredCopy = (value: object): OpenApiDocument => JSON.parse(JSON.stringify(value));
