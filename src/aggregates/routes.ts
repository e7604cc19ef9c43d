import { Type } from 'typebox';
import { readLabels } from '../divisions/labels.ts';
import type { Row } from '../formats/format.ts';
import { asSuffix, datasetFormats, formats } from '../formats/index.ts';
import type { Language } from '../formats/labels.ts';
import type { App } from '../http/app-type.ts';
import { problems } from '../http/problem.ts';
import { datasetQuery, formatAnswer, formatQuery, sendRows, splitQuery } from '../http/streams.ts';
import { tableLabels } from '../rules/wording.ts';
import type { Aggregate } from './aggregate.ts';
import { aggregateReports, columnsOf } from './answer.ts';
import { datasetOf } from './dataset.ts';
import { dimensions } from './dimensions.ts';
import { aggregates } from './index.ts';
import type { AggregateQuery } from './queries.ts';
import { AggregateCoverage, AggregateWarning, answerSchema, cellSchema, queryOf } from './schema.ts';

const tags = ['aggregates'];

const everyAggregate = `Only effective (published) revisions count, and each figure once: a consolidated report stands for everything below its organ, within each group of the answer. Grouped by \`organ\`, \`level\` or place, each group is covered by itself, and the warning \`groups-overlap\` says when groups must not be added up. Refused with 422: \`not-additive\` for sums that mean nothing (figures of different kinds, a total with its parts, a stock over years), \`not-comparable\` for measures that the editions do not share.`;

async function* each(rows: readonly Row[]): AsyncGenerator<Row> {
  yield* rows;
}

function aggregateRoutes(app: App, aggregate: Aggregate): void {
  app.addSchema(cellSchema(aggregate));
  app.addSchema(answerSchema(aggregate));
  const description = `${aggregate.description}\n\n${everyAggregate}`;

  app.get(
    `/v1/aggregates/${aggregate.path}`,
    {
      schema: {
        operationId: `aggregate${aggregate.name}`,
        tags,
        summary: aggregate.summary,
        description,
        security: [],
        querystring: Type.Object(queryOf(aggregate)),
        response: { 200: Type.Ref(`${aggregate.name}Aggregate`), ...problems(400, 401, 422) },
      },
    },
    // The primary: what was published is in the next answer, also where readers have a replica.
    async (request) => aggregateReports(app.db, aggregate, request.query as AggregateQuery),
  );

  for (const format of formats)
    app.get(
      `/v1/aggregates/${aggregate.path}.${format.suffix}`,
      {
        exposeHeadRoute: false,
        schema: {
          operationId: `aggregate${aggregate.name}${asSuffix(format)}`,
          tags,
          summary: `${aggregate.summary}, as ${format.suffix.toUpperCase()}`,
          description: `The rows of \`data\` alone, with the keys of group_by first. ${description}`,
          security: [],
          querystring: Type.Object({ ...queryOf(aggregate), ...formatQuery(format) }),
          response: { 200: formatAnswer(format), ...problems(400, 401, 422) },
        },
      },
      async (request, reply) => {
        const { bom, labels, query } = splitQuery<AggregateQuery>(request.query);
        const { data } = await aggregateReports(app.db, aggregate, query);
        const columns = columnsOf(aggregate, [...new Set(query.group_by)]);
        const options = { bom, labels: await readLabels(app.readDb, labels, { known: query }) };
        return sendRows(reply, format, aggregate.path, each(data), columns, options);
      },
    );

  for (const format of datasetFormats)
    app.get(
      `/v1/aggregates/${aggregate.path}.${format.suffix}`,
      {
        schema: {
          operationId: `aggregate${aggregate.name}${asSuffix(format)}`,
          tags,
          summary: `${aggregate.summary}, as ${format.suffix.toUpperCase()}`,
          description: `${format.description} Refused with 422 \`too-many-cells\` where the keys have too many combinations. ${description}`,
          security: [],
          querystring: Type.Object({ ...queryOf(aggregate), ...datasetQuery }),
          response: { 200: Type.Ref(format.schema.$id!), ...problems(400, 401, 422) },
        },
      },
      async (request) => {
        const { lang = 'zh', ...query } = request.query as AggregateQuery & { lang?: Language };
        const labels = await readLabels(app.readDb, lang, { known: query });
        const answer = await aggregateReports(app.db, aggregate, query);
        const groupBy = [...new Set(query.group_by)];
        const source = {
          label: tableLabels[aggregate.table],
          columns: columnsOf(aggregate, groupBy),
          groupBy,
          places: (key: string) => aggregate.keys[key]?.values ?? dimensions[key]?.values,
          unit: { zh: '件', en: 'cases' },
        };
        return format.write(datasetOf(source, { ...answer }, labels, lang));
      },
    );
}

/** Sums over each table of the form, in JSON and in every format. */
export function aggregatesRoutes(app: App): void {
  app.addSchema(AggregateWarning);
  app.addSchema(AggregateCoverage);
  for (const { schema } of datasetFormats) app.addSchema(schema);
  for (const aggregate of aggregates) aggregateRoutes(app, aggregate);
}
