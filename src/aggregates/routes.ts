import { datasetFormats } from '../formats/index.ts';
import type { App } from '../http/app-type.ts';
import { askRoutes } from './ask-routes.ts';
import { aggregates } from './index.ts';
import { reportCounts } from './report-counts.ts';
import { AggregateCoverage, AggregateWarning } from './schema.ts';
import { type AggregateSource, queryFaults, sourceOf } from './source.ts';

/** Every aggregate, the counts of reports included. */
export const sources: readonly AggregateSource[] = [...aggregates.map(sourceOf), reportCounts];

/** Registers sums over each table of the form and counts of reports: in JSON and in every format. */
export function aggregatesRoutes(app: App): void {
  app.addSchema(AggregateWarning);
  app.addSchema(AggregateCoverage);
  for (const { schema } of datasetFormats) app.addSchema(schema);
  for (const source of sources) {
    for (const schema of source.schemas) app.addSchema(schema);
    const { path, name, summary, description, query, schemas } = source;
    askRoutes(app, {
      path: `/v1/aggregates/${path}`,
      operationId: `aggregate${name}`,
      tags: ['aggregates'],
      summary,
      description,
      query,
      meaning: { faults: queryFaults(source) },
      statuses: [400, 401, 422],
      answer: schemas.at(-1)!.$id!,
      asked: (_request, query) => ({ source, query }),
    });
  }
}
