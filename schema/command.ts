import type { InputFieldMap, InputRef, InputShapeFromFields, ObjectRef } from '@pothos/core';
import type { Json } from '../governance/canonical.ts';
import { builder, type Types } from './builder.ts';
import type { Context } from './context.ts';
import { CommandIdRefused, type ErrorType, Refused } from './expected-errors.ts';
import { fromReceipt, toReceipt } from './receipt-text.ts';
import type { Failed } from './services/result.ts';

export type InputFields = PothosSchemaTypes.InputFieldBuilder<Types, 'InputObject'>;
export type SuccessFields<Done extends object> = PothosSchemaTypes.ObjectFieldBuilder<Types, Done>;

interface Command<Fields extends InputFieldMap, Done extends object, Code extends string> {
  readonly description: string;
  readonly input: (t: InputFields) => Fields;
  /** What is given back when it is done. */
  readonly success: (t: SuccessFields<Done>) => Record<string, unknown>;
  /** Its expected failures, beside `Refused`, which every command has. */
  readonly errors: readonly ErrorType<Code>[];
  readonly run: (
    input: InputShapeFromFields<Fields>,
    context: Context,
  ) => Promise<({ readonly ok: true } & Done) | Failed<NoInfer<Code> | 'FORBIDDEN'>>;
  /**
   * What a receipt keeps of a success, and how a repeat is answered from that, where it is not to be everything: secrets
   * that are shown once, what holds functions, what is large.
   */
  readonly receipt?: {
    readonly keep: (done: Done) => Json;
    readonly again: (kept: Json, context: Context) => Promise<Done>;
    /** What it keeps of a failure, and a repeat is answered with, where the failure itself tells too much. */
    readonly failed?: (failure: Failed) => Failed;
  };
}

/** No text that can be neither stored nor written to the log: NUL and half characters become U+FFFD. */
const wellFormed = <Value>(value: Value): Value => {
  if (typeof value === 'string') return value.replaceAll(/\0|\p{Surrogate}/gu, '\ufffd') as Value;
  if (Array.isArray(value)) return value.map(wellFormed) as Value;
  if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, wellFormed(inner)])) as Value;
};

const commandIdField = (t: InputFields) => ({
  commandId: t.id({
    description:
      'A UUID that the sender makes: however often the command is sent with it, it is carried out once, and a repeat is given the first outcome.',
  }),
});

type Ended<Done> = ({ readonly ok: true } & Done) | Failed;

/** Carries a command out under the id that its sender gave it. */
const onceOnly = async <Done extends object>(of: {
  readonly name: string;
  readonly commandId: string;
  readonly given: object;
  readonly work: () => Promise<Ended<Done>>;
  readonly context: Context;
  readonly receipt: Command<InputFieldMap, Done, string>['receipt'] | undefined;
}): Promise<Ended<Done>> => {
  const { name, commandId, given, work, context, receipt } = of;
  const outcome = await context.receipts.once({ name, commandId, input: toReceipt(given) }, work, {
    keep: (result) => {
      if (!result.ok) return toReceipt(receipt?.failed ? receipt.failed(result) : result);
      return receipt ? { ok: true, kept: receipt.keep(result) } : toReceipt(result);
    },
    again: async (kept) => {
      const first = kept as { readonly ok: boolean; readonly kept: Json };
      return receipt && first.ok
        ? ({ ok: true, ...(await receipt.again(first.kept, context)) } as const)
        : (fromReceipt(kept) as Ended<Done>);
    },
  });
  return outcome.ok ? outcome.result : outcome;
};

const capital = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;

/** Codes of the expected failures of every command, for the tests. */
export const COMMAND_ERRORS = new Map<string, readonly ErrorType[]>();

/**
 * Adds a mutation `name(input: NameInput!): NamePayload!`, the payload being a union of `NameSuccess` and its expected
 * failures. It only hands over: who may is decided by the service.
 */
export const command = <Fields extends InputFieldMap, Done extends object, Code extends string = never>(
  name: string,
  { description, input, success, errors, run, receipt }: Command<Fields, Done, Code>,
): void => {
  const types: readonly ErrorType[] = [Refused, CommandIdRefused, ...errors];
  COMMAND_ERRORS.set(name, types);
  const Input = builder.inputType(`${capital(name)}Input`, {
    description: `What ${name} takes.`,
    fields: ((t: InputFields) => ({ ...input(t), ...commandIdField(t) })) as never,
  }) as unknown as InputRef<InputShapeFromFields<Fields>>;
  const Success = builder.objectRef<Done>(`${capital(name)}Success`).implement({
    description: `${name} was carried out.`,
    fields: success as never,
  });
  const Payload = builder.unionType(`${capital(name)}Payload`, {
    description: `What became of ${name}.`,
    types: [Success, ...types.map(({ ref }) => ref)] as ObjectRef<Types, object>[],
    resolveType: (value) => {
      const result = value as { ok: true } | Failed;
      if (result.ok) return `${capital(name)}Success`;
      const type = types.find(({ codes }) => codes.includes(result.code));
      if (type === undefined) throw new Error(`${name} failed with ${result.code}, which it does not declare`);
      return type.name;
    },
  });
  builder.mutationField(name, (t) =>
    t.field({
      type: Payload,
      description,
      args: { input: t.arg({ type: Input, required: true, description: 'What is to be done.' }) },
      resolve: (_, args, context) => {
        const { commandId, ...given } = wellFormed(
          (args as unknown as { input: InputShapeFromFields<Fields> & { commandId?: string | null } }).input,
        );
        const work = () => run(given as InputShapeFromFields<Fields>, context);
        const once = () => onceOnly({ name, commandId: commandId as string, given, work, context, receipt });
        // Asked before the receipt: a refusal for the sign-in is not what a repeat after another sign-in is answered with.
        const checked = async () => (await context.signIn.refusal(name)) ?? (commandId == null ? work() : once());
        return context.commandLog.around<Ended<Done>>(name, checked) as never;
      },
    }),
  );
};
