import type { Fault } from '../editions/form-faults.ts';

/** GB 32100-2015: the characters of a unified social credit code in the order of their values. */
const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY';
/** GB 11714: weights of the first eight characters of the organisation code inside a credit code. */
const organisationWeights = [3, 7, 9, 10, 5, 8, 4, 2];

/** The check character for the first eight characters of an organisation code (GB 11714, modulo 11). */
export function organisationCheckOf(organisation: string): string {
  let sum = 0;
  for (const [i, weight] of organisationWeights.entries()) {
    const char = organisation[i]!;
    sum += (/[0-9]/.test(char) ? Number(char) : char.charCodeAt(0) - 55) * weight;
  }
  const remainder = 11 - (sum % 11);
  return remainder === 10 ? 'X' : remainder === 11 ? '0' : String(remainder);
}

/** The check character for the first 17 characters of a credit code (GB 32100, weights 3^i, modulo 31). */
export function creditCheckOf(code: string): string {
  let sum = 0;
  for (let i = 0, weight = 1; i < 17; i++, weight = (weight * 3) % 31)
    sum += alphabet.indexOf(code[i]!) * weight;
  return alphabet[(31 - (sum % 31)) % 31]!;
}

/**
 * What is wrong with a unified social credit code (统一社会信用代码), or undefined where both its check characters are right.
 * The last character checks the whole code. The 17th checks the organisation code, which is at positions 9 to 17. The
 * division inside the code is not checked: it is the one where the organ was registered.
 */
export function creditCodeFault(code: string): string | undefined {
  if (!/^[0-9A-HJ-NPQRTUWXY]{18}$/.test(code))
    return 'must be 18 digits or capital letters other than I, O, S, V, Z';
  const organisationCheck = organisationCheckOf(code.slice(8, 16));
  const check = creditCheckOf(code);
  if (code[16] !== organisationCheck)
    return `its 17th character must be ${organisationCheck} for the organisation code before it`;
  if (code[17] !== check) return `its last character must be ${check} for the 17 before it`;
  return undefined;
}

/** The fault of a credit code, as faults of `credit_code` in a body. */
export function creditCodeFaults(code: string | null | undefined): Fault[] {
  const message = code ? creditCodeFault(code) : undefined;
  return message === undefined ? [] : [{ pointer: '/credit_code', code: 'check-character', message }];
}
