import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import t from 'tap';
import { ZipFile } from 'yazl';
import { editionByKey } from '../../src/editions/index.ts';
import { wordFile } from '../../src/imports/index.ts';
import { startService } from '../support/app.ts';
import { createOrgan } from '../support/reports.ts';
import { countingPrint, printReport } from './layout-1.ts';
import { printPage, styles, word } from './page.ts';

const text = readFileSync(new URL('../../examples/shengli-2020.txt', import.meta.url), 'utf8');
const plain = { 'content-type': 'text/plain; charset=utf-8' };
const { report } = JSON.parse(
  readFileSync(new URL('../fixtures/figures.json', import.meta.url), 'utf8'),
).find((entry: { id: string }) => entry.id === 'wuzhong-shengli-2020');

const edition = editionByKey('2021');
const { raws, figures } = printReport(edition, edition, countingPrint());
const page = printPage(edition, edition, raws, styles.plain!);

/** A zip file of some parts. */
function packed(parts: Record<string, string | Buffer>): Promise<Buffer> {
  const file = new ZipFile();
  for (const [name, part] of Object.entries(parts)) file.addBuffer(Buffer.from(part), name);
  file.end();
  return buffer(file.outputStream);
}
/** As zip files write a size. */
function sizeOf(size: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(size);
  return bytes;
}

t.test('imports over HTTP', async (t) => {
  const service = await startService(t);
  const { request, admin, app } = service;
  const organ = await admin('POST', '/v1/organs', {
    body: { name: '利通区胜利镇人民政府', kind: 'government', level: 'town', division_code: '640302107' },
  });
  t.equal(organ.status, 201, organ.text);
  const organ_id = organ.body.id;

  t.test(
    'anyone may have a document read; what validations find comes after what reading finds',
    async (t) => {
      const { status, body } = await request('POST', '/v1/imports', { headers: plain, body: text });
      t.equal(status, 200);
      for (const member of Object.keys(report)) t.strictSame(body.document[member], report[member], member);
      t.equal(body.organ_name, '利通区胜利镇人民政府');
      t.equal(body.layout, 'tab-separated');
      t.notOk('report' in body);
      const validation = await request('POST', '/v1/validations', { body: body.document });
      t.equal(validation.status, 200, validation.text);
      const own = body.findings.filter((each: { code: string }) => each.code.startsWith('import.'));
      t.equal(own.length, 13);
      t.equal(own.filter((each: { raw: unknown }) => typeof each.raw === 'string').length, 12);
      t.same(
        body.findings.slice(13),
        validation.body.findings.map((each: object) => ({ ...each, line: null, raw: null })),
      );
    },
  );

  t.test('a refused document is a problem with findings that quote the line, and no figures', async (t) => {
    const broken = text.replace('规章\t0\t0\t0', '规章000');
    const { status, body, headers } = await request('POST', '/v1/imports', { headers: plain, body: broken });
    t.equal(status, 422);
    t.equal(body.code, 'import-refused');
    t.match(headers.get('content-type'), 'application/problem+json');
    t.ok(body.findings.some((each: { raw: string | null }) => each.raw === '规章000'));
    t.notOk('document' in body);
  });

  t.test('text in GBK is read whatever charset is declared; what is no text is refused', async (t) => {
    // Three characters of GBK stand for a page of it: 规章 and a tab, among ASCII.
    const gbk = Buffer.concat([Buffer.from([0xb9, 0xe6, 0xd5, 0xc2]), Buffer.from('000\n')]);
    const read = await request('POST', '/v1/imports', { headers: plain, body: gbk });
    t.equal(read.status, 422);
    t.equal(read.body.findings[0].raw, '规章000');
    const noText = await request('POST', '/v1/imports', {
      headers: plain,
      body: Buffer.from([0xff, 0xfe, 0xff]),
    });
    t.equal(noText.status, 400);
    t.equal(noText.body.code, 'malformed-request');
  });

  t.test(
    'a web page is read as the text of its tables, in GBK too, and says where what it quotes stands',
    async (t) => {
      const html = { 'content-type': 'text/html; charset=gb2312' };
      const { status, body } = await request('POST', '/v1/imports', { headers: html, body: page });
      t.equal(status, 200);
      t.equal(body.layout, 'html');
      t.strictSame(body.document.request_statistics, figures.request_statistics);
      const broken = page.replace('<td>7</td>', '<td colspan="2">7</td>');
      const refused = await request('POST', '/v1/imports', { headers: html, body: broken });
      t.equal(refused.status, 422);
      t.equal(refused.body.layout, 'html');
      const line = broken.split('\n').findIndex((each) => each.includes('colspan="2">7')) + 1;
      t.match(refused.body.findings, [{ code: 'import.unreadable_row', line, raw: /^规章\t7\t/ }]);
      const gbk = Buffer.from([0x3c, 0x70, 0x3e, 0xb9, 0xe6, 0xd5, 0xc2]);
      const pictures = await request('POST', '/v1/imports', { headers: html, body: gbk });
      t.equal(pictures.body.findings[0].raw, '规章');
    },
  );

  t.test('a body over 1 MiB is too large, and a text of too many lines no report', async (t) => {
    const large = await request('POST', '/v1/imports', {
      headers: plain,
      body: '\n'.repeat(1024 * 1024 + 1),
    });
    t.equal(large.status, 413);
    t.equal(large.body.code, 'too-large');
    for (const body of ['\n'.repeat(1024 * 1024), '\r'.repeat(30_000), text + '\n'.repeat(20_000)]) {
      const { status, body: problem } = await request('POST', '/v1/imports', { headers: plain, body });
      t.equal(status, 422);
      t.equal(problem.code, 'import-refused');
      t.strictSame(
        problem.findings.map((each: { code: string }) => each.code),
        ['import.too_long'],
      );
    }
    const longest = text + ' '.repeat(1024 * 1024 - Buffer.byteLength(text));
    t.equal((await request('POST', '/v1/imports', { headers: plain, body: longest })).status, 200);
  });

  t.test('other media types and charsets are not supported, and text is no body elsewhere', async (t) => {
    for (const type of ['application/json', 'application/pdf', 'text/plain; charset=utf-16'])
      t.equal(
        (await request('POST', '/v1/imports', { headers: { 'content-type': type }, body: '{}' })).status,
        415,
        type,
      );
    t.equal((await request('POST', '/v1/validations', { headers: plain, body: text })).status, 415);
  });

  t.test('empty bodies, unknown parameters and NUL are refused without a fault of ours', async (t) => {
    t.equal((await request('POST', '/v1/imports')).status, 400);
    t.ok([400, 422].includes((await request('POST', '/v1/imports', { headers: plain, body: '' })).status));
    t.equal((await request('POST', '/v1/imports?charset=x', { headers: plain, body: text })).status, 400);
    t.equal((await request('POST', '/v1/imports', { headers: plain, body: `${text}\0` })).status, 400);
  });

  t.test('the caller may say the scope and the year', async (t) => {
    const path = '/v1/imports?scope=consolidated&year=2019';
    const { body } = await request('POST', path, { headers: plain, body: text });
    t.match(body.document, { scope: 'consolidated', year: 2019 });
    t.match(body.findings[0], { code: 'import.year_overridden', severity: 'warning', answer: null });
    t.notOk(body.findings.some((each: { code: string }) => each.code === 'import.scope_assumed'));
  });

  t.test('a report of another organ than the one given is told', async (t) => {
    const told = async (members: object) => {
      const organ_id = await createOrgan(service, { level: 'town', ...members });
      const { body } = await request('POST', `/v1/imports?organ_id=${organ_id}`, {
        headers: plain,
        body: text,
      });
      return body.findings.filter(({ code }: { code: string }) => code === 'import.organ_differs');
    };
    t.match(await told({ name: '金湖县人民政府' }), [
      { severity: 'warning', message: { en: /利通区胜利镇人民政府, the caller gave 金湖县人民政府/ } },
    ]);
    for (const name of ['利通区胜利镇人民政府', '吴忠市利通区胜利镇人民政府', '胜利镇政府'])
      t.strictSame(await told({ name }), [], name);
  });

  t.test('a report that lies in the future is refused', async (t) => {
    const late = text.replace('2020 年政府信息公开工作', `${app.latestYear() + 1} 年政府信息公开工作`);
    const { status, body } = await request('POST', '/v1/imports', { headers: plain, body: late });
    t.equal(status, 422);
    t.equal(body.findings[0].code, 'import.year_out_of_range');
  });

  t.test('storing needs a token and an organ', async (t) => {
    const path = `/v1/imports?create=true&organ_id=${organ_id}`;
    t.equal((await request('POST', path, { headers: plain, body: text })).status, 401);
    const noOrgan = await admin('POST', '/v1/imports?create=true', { headers: plain, body: text });
    t.equal(noOrgan.status, 400);
    t.equal(noOrgan.body.errors[0].pointer, '/organ_id');
    const unknown = '01938c5e-7b1a-7c3e-9a51-2f1de0a4cfff';
    for (const query of [`organ_id=${unknown}`, `create=true&organ_id=${unknown}`]) {
      const { status, body } = await admin('POST', `/v1/imports?${query}`, { headers: plain, body: text });
      t.equal(status, 400, query);
      t.equal(body.code, 'invalid-request', query);
      t.strictSame(
        body.errors,
        [{ in: 'query', pointer: '/organ_id', code: 'unknown-organ', message: 'must be the id of an organ' }],
        query,
      );
    }
    const known = `/v1/imports?organ_id=${organ_id}`;
    t.equal((await request('POST', known, { headers: plain, body: text })).body.document.organ_id, organ_id);
    const refused = await admin('POST', path, { headers: plain, body: '没有表格' });
    t.equal(refused.status, 422);
    t.equal(
      (await admin('GET', `/v1/reports?organ_id=${organ_id}`)).body.items.length,
      0,
      'nothing was stored',
    );
  });

  t.test('a Word file is read as the text of its tables', async (t) => {
    const headers = { 'content-type': wordFile };
    const send = (body: Uint8Array) => request('POST', '/v1/imports', { headers, body });
    const markup = printPage(edition, edition, raws, word);
    const file = await packed({ '[Content_Types].xml': '<Types/>', 'word/document.xml': markup });
    const { status, body } = await send(file);
    t.equal(status, 200);
    t.equal(body.layout, 'word');
    t.strictSame(body.document.request_statistics, figures.request_statistics);
    const created = await admin('POST', `/v1/imports?create=true&organ_id=${organ_id}`, {
      headers,
      body: file,
    });
    t.equal(created.status, 201, created.text);
    t.equal((await admin('GET', created.headers.get('location')!)).body.year, 2023);

    const noFiles: Record<string, Uint8Array> = {
      text: Buffer.from(text),
      'a page': Buffer.from(page),
      'half a file': file.subarray(0, file.length / 2),
      'a file of something else': await packed({ 'xl/workbook.xml': markup }),
      'a file of no text': await packed({ 'word/document.xml': Buffer.from([0xff, 0xfe, 0xff]) }),
    };
    for (const [what, bytes] of Object.entries(noFiles)) {
      const refused = await send(bytes);
      t.equal(refused.status, 400, what);
      t.match(refused.body, { code: 'malformed-request', detail: 'the body is no Word file (.docx)' }, what);
    }
    const size = 20 * 1024 ** 2;
    const bomb = await packed({ 'word/document.xml': Buffer.alloc(size, ' ') });
    t.match(await send(bomb), { status: 413, body: { code: 'too-large' } });
    // A file that says of itself that it is small, in both places.
    const lying = Buffer.from(bomb);
    for (let at = lying.indexOf(sizeOf(size)); at > 0; at = lying.indexOf(sizeOf(size), at + 1))
      sizeOf(1000).copy(lying, at);
    t.equal((await send(lying)).status, 400, 'no more is unpacked than a file says');
  });

  t.test('the description says that findings of the reading are in the answer only', async (t) => {
    const { paths, components } = app.swagger31() as unknown as {
      paths: Record<string, { post: { description: string } }>;
      components: { schemas: Record<string, { description: string }> };
    };
    for (const { description } of [paths['/v1/imports']!.post, components.schemas.ImportFinding!])
      for (const part of ['in this answer only', 'not stored', 'cannot be answered'])
        t.match(description, part);
  });

  t.test('a document is stored as the draft of a new report, once', async (t) => {
    const path = `/v1/imports?create=true&organ_id=${organ_id}`;
    const created = await admin('POST', path, { headers: plain, body: text });
    t.equal(created.status, 201, created.text);
    t.equal(created.headers.get('location'), `/v1/reports/${created.body.report_id}`);
    const stored = await admin('GET', created.headers.get('location')!);
    t.equal(stored.headers.get('etag'), created.headers.get('etag'));
    t.equal(stored.body.state, 'draft');
    for (const member of ['title', 'overview', 'problems', 'other_matters', ...Object.keys(report)])
      t.strictSame(stored.body[member], created.body.document[member], member);
    const findings = await admin('GET', `/v1/reports/${created.body.report_id}/findings`);
    const ruled = created.body.findings.filter((each: { code: string }) => !each.code.startsWith('import.'));
    t.equal(findings.body.items?.length ?? findings.body.findings?.length, ruled.length);
    const own = created.body.findings.filter((each: { code: string }) => each.code.startsWith('import.'));
    t.equal(own.length, 13);
    for (const { finding_key, answer } of own) {
      t.equal(answer, null);
      t.notOk(
        findings.body.items.some((each: { finding_key: string }) => each.finding_key === finding_key),
        'not stored',
      );
    }
    const answered = await admin('POST', `${created.headers.get('location')}/answers`, {
      headers: { 'if-match': stored.headers.get('etag')! },
      body: { finding_key: own[0].finding_key, text: '已核对。' },
    });
    t.equal(answered.status, 400, 'cannot be answered');
    t.equal(answered.body.errors[0].pointer, '/finding_key');
    t.equal((await request('GET', created.headers.get('location')!)).status, 404, 'a draft is not public');
    const again = await admin('POST', path, { headers: plain, body: text });
    t.equal(again.status, 409);
    t.equal(again.body.code, 'report-exists');
  });
});
