import { type TSchema, Type } from 'typebox';
import type { Label } from '../editions/edition.ts';
import type { Fault } from '../editions/form-faults.ts';
import { keys, ref } from './schema-parts.ts';

/** Every problem Gongkai answers with (RFC 9457): its status and its title in both languages. Codes are permanent. */
export const problemCatalogue = {
  'invalid-request': [400, '请求不符合要求', 'The request does not fit'],
  'malformed-json': [400, '不是有效的 JSON', 'Not valid JSON'],
  'malformed-request': [400, '请求格式有误', 'The request is malformed'],
  'bad-cursor': [400, '分页游标无效', 'The cursor is not one of this list'],
  unauthorized: [401, '需要有效的访问令牌', 'A valid bearer token is needed'],
  forbidden: [403, '没有权限', 'Not allowed'],
  'same-person': [403, '提交人不得发布同一修订版', 'Who submitted a revision cannot publish it'],
  'not-found': [404, '未找到', 'Not found'],
  'request-timeout': [408, '请求超时', 'The request took too long to arrive'],
  'report-exists': [409, '该机关该年度的报告已存在', 'The organ has a report of this year and scope'],
  'organ-in-use': [409, '仍有报告或其他机关引用该机关', 'Reports or other organs still refer to the organ'],
  'organ-cycle': [409, '上级机关关系构成循环', 'The parents would form a cycle'],
  'credit-code-exists': [409, '统一社会信用代码已被使用', 'Another organ has this credit code'],
  'grant-exists': [409, '该授权已存在', 'This role is granted already'],
  'wrong-state': [409, '当前状态不允许该操作', 'The state does not allow this'],
  'draft-exists': [409, '已有未发布的修订版', 'A revision is already being prepared'],
  'no-draft': [409, '没有可编辑的草稿', 'There is no draft to write to'],
  'findings-unanswered': [409, '尚有未说明的错误', 'Errors are unanswered'],
  immutable: [409, '已提交的修订版不可更改', 'A submitted revision never changes'],
  'published-once': [409, '曾经发布的报告不可删除', 'A report that was published is kept'],
  conflict: [409, '与现有数据冲突', 'Conflicts with what is stored'],
  stale: [412, '资源已被修改', 'The resource has changed since it was read'],
  'too-large': [413, '请求体过大', 'The body is too large'],
  'unsupported-media-type': [415, '不支持的媒体类型', 'The media type is not supported'],
  'idempotency-key-reused': [422, '幂等键已用于另一请求', 'The key was used for another request'],
  'not-additive': [422, '这些数字不可相加', 'These figures cannot be added'],
  'not-comparable': [422, '各版表式的指标不可比', 'The editions do not share these measures'],
  'too-many-cells': [422, '结果过大', 'The answer would be too large'],
  'import-refused': [422, '无法确切读取该文件', 'The document cannot be read with certainty'],
  'if-match-required': [428, '缺少 If-Match', 'If-Match is required'],
  'too-many-requests': [429, '请求过于频繁', 'Too many requests'],
  'headers-too-large': [431, '请求地址或请求头过大', 'The address or the headers are too large'],
  internal: [500, '内部错误', 'Internal error'],
  unavailable: [503, '服务暂时不可用', 'Temporarily unavailable'],
} as const satisfies Record<string, readonly [number, string, string]>;

export type ProblemCode = keyof typeof problemCatalogue;

export const statusOf = (code: ProblemCode): number => problemCatalogue[code][0];
export const titleOf = (code: ProblemCode): Label => ({
  zh: problemCatalogue[code][1],
  en: problemCatalogue[code][2],
});

/** Which part of the request a fault is in; a body's when not said. */
export interface RequestFault extends Fault {
  in?: 'body' | 'query' | 'path';
}

export interface ProblemOptions {
  detail?: string;
  errors?: RequestFault[];
  headers?: Record<string, string>;
  /** Extension members, e.g. the id of the report that exists. */
  members?: Record<string, unknown>;
}

/** Thrown anywhere; the error handler answers with it. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly statusCode: number;
  readonly options: ProblemOptions;

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    super(options.detail ?? titleOf(code).en);
    this.code = code;
    this.statusCode = statusOf(code);
    this.options = options;
  }
}

/** Refuses a request for all these faults at once, if there are any. Problem `invalid-request` (400). */
export function refuseFaults(errors: RequestFault[]): void {
  if (errors.length > 0) throw new Problem('invalid-request', { errors });
}

/** The fault of a member that names no organ. */
export const unknownOrgan = (pointer: string): RequestFault => ({
  pointer,
  code: 'unknown-organ',
  message: 'must be the id of an organ',
});

export const ProblemFault = Type.Object(
  {
    pointer: Type.String({
      description: 'JSON pointer (RFC 6901) into the body, or / and the name of the parameter.',
    }),
    code: Type.String({ description: 'What kind of fault it is; permanent.' }),
    message: Type.String({ description: 'What would be right.' }),
    in: Type.Optional(
      keys(['body', 'query', 'path'], { description: 'The part of the request; the body when absent.' }),
    ),
  },
  {
    $id: 'ProblemFault',
    description: 'One fault of a request.',
    examples: [
      {
        pointer: '/request_statistics/3/natural_person',
        code: 'type',
        message: 'must be a whole number or null',
      },
    ],
  },
);

export const ProblemDetails = Type.Object(
  {
    type: Type.String({ description: 'A URN for the code.' }),
    title: Type.String({ description: 'In the language of Accept-Language: zh-CN or en.' }),
    status: Type.Integer({ minimum: 400, maximum: 599, description: 'The HTTP status.' }),
    detail: Type.Optional(Type.String({ description: 'What happened this time.' })),
    instance: Type.Optional(
      Type.String({ description: 'The path of the request; absent where none could be read.' }),
    ),
    code: Type.String({
      description: 'The permanent code of the problem; the table under “Errors” names all.',
    }),
    request_id: Type.String({ description: 'Also in the header X-Request-Id and in the log.' }),
    errors: Type.Optional(
      Type.Array(ref<Fault>('ProblemFault'), {
        description: 'Every fault of the request at once.',
      }),
    ),
  },
  {
    $id: 'ProblemDetails',
    description:
      'RFC 9457 problem details. Some codes add members: `report-exists` the `report_id`, `findings-unanswered` the `findings`, `import-refused` the `findings`, `organ_name` and `layout`, and `not-comparable` the `measures`.',
    additionalProperties: true,
    examples: [
      {
        type: 'urn:gongkai:problem:invalid-request',
        title: titleOf('invalid-request').en,
        status: 400,
        instance: '/v1/reports',
        code: 'invalid-request',
        request_id: '5d0d3f0e-6b0c-4f4a-9c55-0f7a3f1d2b61',
        errors: [
          {
            pointer: '/request_statistics/3/natural_person',
            code: 'type',
            message: 'must be a whole number or null',
          },
        ],
      },
    ],
  },
);

const meaning: Record<number, string> = {
  400: 'The request does not fit the form or this operation; every fault is listed.',
  401: 'No token, or not a valid one.',
  403: 'The token does not allow this.',
  404: 'There is nothing here that the caller may see.',
  409: 'The state of the resource, or another resource, does not allow this.',
  412: 'If-Match is stale: read again; the header ETag has the current tag.',
  413: 'The body is too large.',
  415: 'The media type is not supported.',
  422: 'Well formed, but asks for something meaningless.',
  428: 'If-Match is missing.',
  500: 'A fault of the service; the request id finds it in the log.',
  503: 'Temporarily unavailable; Retry-After says when to try again.',
};

/** The answer of an operation that leaves nothing to say. */
export const noContent = Type.Null({ description: 'Done; there is nothing to answer.' });

/** The answer of a GET of a single resource whose tag the caller has: If-None-Match and ETag are documented with it. */
export const notModified = Type.Null({ description: 'The caller has the current version.' });

/** The error answers of a route for the OpenAPI document; 500 and 503 can happen to all. */
export function problems(...statuses: number[]): Record<number, TSchema> {
  return Object.fromEntries(
    [...statuses, 500, 503].map((status) => [
      status,
      { ...Type.Ref('ProblemDetails'), description: meaning[status] ?? 'Error' },
    ]),
  );
}

/** The same of 409 where the problem may be that something is there already, and the answer says where. */
export const existsAlready = {
  ...Type.Ref('ProblemDetails'),
  description: meaning[409],
  headers: {
    location: Type.String({
      format: 'uri-reference',
      description: 'With a code that ends in `-exists`: the path of what is there already.',
    }),
  },
};
