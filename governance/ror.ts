/** Crockford's base 32, as the Research Organization Registry writes numbers: no i, l, o and u. */
const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';
const FORM = /^(?:https?:\/\/)?(?:(?:www\.)?ror\.org\/)?(0[0-9a-hj-km-np-tv-z]{6}[0-9]{2})$/i;

/**
 * The nine characters of a ROR identifier, given bare or as its address, in small letters; null where its form or its
 * check digits are wrong. The last two digits check the seven before them (ISO/IEC 7064, modulus 97, radix 10).
 */
export const parseRor = (text: string): string | null => {
  const id = FORM.exec(text.trim())?.[1]?.toLowerCase();
  if (id === undefined) return null;
  let number = 0;
  for (const digit of id.slice(0, 7)) number = number * 32 + DIGITS.indexOf(digit);
  return 98 - ((number * 100) % 97) === Number(id.slice(7)) ? id : null;
};
