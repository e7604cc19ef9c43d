import fc from 'fast-check';
import t from 'tap';
import { creditCodeFault } from '../../src/organs/credit-code.ts';

const valid = [
  '11371000004359010J',
  '11371002565229128G',
  '113708830043262784',
  '11370883004325769B',
  '113304830025582868',
  '12620600MB0523338C',
];

t.test('codes in use pass both checks', async (t) => {
  for (const code of valid) t.equal(creditCodeFault(code), undefined, code);
});

t.test('any one altered character is noticed', async (t) => {
  const alphabet = [...'0123456789ABCDEFGHJKLMNPQRTUWXY'];
  fc.assert(
    fc.property(
      fc.constantFrom(...valid),
      fc.nat(17),
      fc.constantFrom(...alphabet),
      (code, index, char) =>
        code[index] === char ||
        creditCodeFault(code.slice(0, index) + char + code.slice(index + 1)) !== undefined,
    ),
  );
  t.pass();
});

t.test('what is no code at all is refused with what would be right', async (t) => {
  for (const code of ['', '1137100000435901', '11371000004359010j', '11371000004359010I'])
    t.match(creditCodeFault(code), /must be 18/);
  t.match(creditCodeFault('11371000004359010A'), /last character must be J/);
  t.match(creditCodeFault('113708830043262794'), /17th character must be 8/);
});
