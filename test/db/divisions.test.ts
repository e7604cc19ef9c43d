import { readFile } from 'node:fs/promises';
import t from 'tap';
import { createTestDatabase } from '../support/database.ts';

const { db } = await createTestDatabase(t);
const rows = await db.selectFrom('divisions').selectAll().orderBy('code').execute();
const byCode = new Map(rows.map((row) => [row.code, row]));
const current = rows.filter(({ valid_to }) => valid_to === null);

t.test('provinces, cities and counties hang together', async (t) => {
  t.equal(current.filter(({ level }) => level === 'province').length, 34);
  const rank = { province: 0, city: 1, county: 2 } as Record<string, number>;
  for (const { code, level, parent_code } of rows) {
    const parent = byCode.get(parent_code ?? '');
    const fits =
      level === 'province'
        ? parent_code === null
        : parent?.valid_to === null &&
          rank[parent.level]! < rank[level]! &&
          code.startsWith(parent.code.slice(0, 2));
    if (!fits) t.fail(`${code} under ${parent_code}`);
  }
});

t.test('a county belongs to its city, or to the province that administers it directly', async (t) => {
  const parents = {
    '321322': '321300',
    '321300': '320000',
    '110101': '110000',
    '310115': '310000',
    '500231': '500000',
    '429004': '420000',
    '419001': '410000',
    '469001': '460000',
    '659001': '650000',
    '330103': '330100',
  };
  for (const [code, parent] of Object.entries(parents)) t.equal(byCode.get(code)?.parent_code, parent, code);
});

t.test('groups of districts and of directly administered counties are no divisions', async (t) => {
  for (const code of [
    '110100',
    '120100',
    '310100',
    '500100',
    '500200',
    '419000',
    '429000',
    '469000',
    '659000',
  ])
    t.notOk(byCode.has(code), code);
});

t.test('an abolished code keeps its name and ends where the new one begins', async (t) => {
  t.match(byCode.get('330103'), { name: '下城区', valid_from: null, valid_to: '2020-12-31' });
  t.match(byCode.get('330113'), { name: '临平区', valid_from: '2021-01-01', valid_to: null });
  t.match(byCode.get('540422'), { name: '米林县', valid_to: '2022-12-31' });
  t.match(byCode.get('540481'), { name: '米林市', valid_from: '2023-01-01', valid_to: null });
  t.match(byCode.get('653228'), { name: '和康县', valid_from: '2024-01-01' });
  t.match(byCode.get('321300'), { name: '宿迁市', valid_from: null, valid_to: null });
});

t.test('every division of the collected reports is there', async (t) => {
  const fixtures = await readFile(new URL('../fixtures/figures.json', import.meta.url), 'utf8');
  const codes = [...fixtures.matchAll(/"division_code":\s*"(\d{6})\d*"/g)].map(([, code]) => code!);
  t.ok(codes.length >= 20);
  t.same(
    codes.filter((code) => !byCode.has(code)),
    [],
  );
});
