import fc from 'fast-check';

const surrogates = 0x800;
const character = fc
  .integer({ min: 0, max: 0x10ffff - surrogates })
  .map((index) => String.fromCodePoint(index < 0xd800 ? index : index + surrogates));

/**
 * Text of any characters but lone surrogates, now and then with what languages trip over (`__proto__`). It is what
 * `fc.string({ unit: 'binary' })` gives, without the table of a million characters which that takes seconds to make.
 */
export const anyText = (constraints: fc.ArrayConstraints = {}): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.array(character, constraints).map((characters) => characters.join('')) },
    { weight: 1, arbitrary: fc.string(constraints) },
  );
