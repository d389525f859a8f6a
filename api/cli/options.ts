import { MODALITIES, type Modality } from '../../governance/modality.ts';
import { wrongUsage } from './exit.ts';
import { safe } from './terminal.ts';

/** Reads a whole number of an option. @throws CommandFailed (wrong usage) naming the option */
export function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d{1,15}$/.test(text) || value < least || value > most)
    throw wrongUsage(`${name} takes a whole number from ${least} to ${most}, not "${safe(text)}".`);
  return value;
}

/** Reads a number of an option. @throws CommandFailed (wrong usage) naming the option */
export function anyNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value < least || value > most)
    throw wrongUsage(`${name} takes a number from ${least} to ${most}, not "${safe(text)}".`);
  return value;
}

/** Reads one of a few words. @throws CommandFailed (wrong usage) naming them */
export function oneOf<Word extends string>(name: string, text: string, words: readonly Word[]): Word {
  const word = words.find((one) => one === text);
  if (word === undefined) throw wrongUsage(`${name} takes ${words.join(', ')}, not "${safe(text)}".`);
  return word;
}

/** Reads `LABELS,PAIN_SCORES`, in any case, each once. @throws CommandFailed (wrong usage) naming what there is */
export function modalityList(name: string, text: string): Modality[] {
  const words = text.split(',').map((word) => word.trim().toUpperCase());
  return [...new Set(words.map((word) => oneOf(name, word, MODALITIES)))];
}
