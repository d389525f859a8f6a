import type { AskedFragment, Modality } from '../operations/visitor.ts';

export type ClassAsked = AskedFragment['classes'][number];

const NUMBERS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'] as const;

/** 3 -> "three". */
export const numberText = (count: number): string => NUMBERS[count] ?? String(count);

/** What a class of data asks for, as half a sentence; from the policy in force. */
export function askedText({ stewards, agreement, training, verifiedBy, exportByConfirmation }: ClassAsked): string {
  const looked = verifiedBy === 'ISSUER' ? ' that a steward looked up at their issuers' : '';
  return [
    stewards === 1 ? 'a grant of a steward' : `a grant that ${numberText(stewards)} stewards agree to`,
    ...(agreement ? ['the signed agreement'] : []),
    `${numberText(training.length)} training${training.length === 1 ? '' : 's'}${looked}`,
    ...(exportByConfirmation ? ['a confirmation of its own by each steward before a copy is taken away'] : []),
  ].join(', ');
}

/** The class that a kind of data belongs to. */
export const classAsked = (asked: AskedFragment, modality: Modality): ClassAsked | undefined =>
  asked.classes.find(({ modalities }) => modalities.includes(modality));
