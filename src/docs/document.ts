/** The parts of an OpenAPI document that are read and changed here. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export interface JsonObject {
  [key: string]: Json;
}
export interface OpenApiDocument {
  openapi: string;
  info: object;
  tags?: { name: string; description?: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, JsonObject>; [kind: string]: object };
  [member: string]: unknown;
}
export interface Operation {
  operationId?: string;
  summary?: string;
  description?: string;
  tags?: string[];
  parameters?: Parameter[];
  requestBody?: { content: Record<string, Media>; description?: string };
  responses: Record<string, Answer>;
  security?: object[];
}
export interface Parameter {
  in: string;
  name: string;
  required?: boolean;
  description?: string;
  schema?: Json;
  example?: Json;
  examples?: Json;
}
export interface Media {
  schema?: Json;
  example?: Json;
  examples?: Json;
}
export interface Answer {
  description: string;
  headers?: Record<string, Json>;
  content?: Record<string, Media>;
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
