import { useCallback, useRef, useState } from 'react';
import { newCommandId, type Problem, send, type ToldReason, Unreachable } from './client.ts';
import type { Operation } from './operation.ts';

/** What a command was answered, where it was not carried out. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly reasons: readonly ToldReason[];
  readonly problems: readonly { readonly path: string; readonly message: string }[];
}

interface Expected {
  readonly __typename: string;
  readonly code?: string;
  readonly message?: string;
  readonly reasons?: readonly ToldReason[];
  readonly problems?: readonly { readonly path: string; readonly message: string }[];
}

/** The success of a payload: the member of the union whose name ends so. */
export type Success<Payload> = Extract<Payload, { __typename: `${string}Success` }>;
type Payloads<Data> = Success<Data[keyof Data]>;

export type Outcome<Data> =
  | { readonly ok: true; readonly value: Payloads<Data> }
  | { readonly ok: false; readonly refusal: Refusal };

export interface Command<Data, Input> {
  /** Sends the command. However often it is sent again after a lost connection, it is carried out once. */
  run(input: Input): Promise<Outcome<Data>>;
  readonly busy: boolean;
  readonly refusal: Refusal | null;
  clear(): void;
}

/** A mutation that takes one `input` and answers with its success or a named error. */
export function useCommand<Data, Input extends { commandId?: string | null | undefined }>(
  operation: Operation<Data, { input: Input }>,
): Command<Data, Input> {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const pending = useRef<{ key: string; id: string } | null>(null);
  const run = useCallback(
    async (input: Input): Promise<Outcome<Data>> => {
      setBusy(true);
      setRefusal(null);
      const key = JSON.stringify(input);
      // The same command sent again because no answer came is the same command.
      if (pending.current?.key !== key) pending.current = { key, id: newCommandId() };
      const outcome = await sendCommand(operation, { ...input, commandId: pending.current.id });
      if (outcome.ok || outcome.refusal.code !== 'UNREACHABLE') pending.current = null;
      setBusy(false);
      if (!outcome.ok) setRefusal(outcome.refusal);
      return outcome;
    },
    [operation],
  );
  return { run, busy, refusal, clear: () => setRefusal(null) };
}

export async function sendCommand<Data, Input>(
  operation: Operation<Data, { input: Input }>,
  input: Input,
): Promise<Outcome<Data>> {
  const no = (code: string, message: string, reasons: readonly ToldReason[] = []): Outcome<Data> => ({
    ok: false,
    refusal: { code, message, reasons, problems: [] },
  });
  try {
    const { data, problems } = await send(operation, { input });
    if (data === null) return no(problems[0]?.code ?? 'INTERNAL', textOf(problems), problems[0]?.reasons);
    const payload = Object.values(data as Record<string, Expected>)[0]!;
    if (payload.__typename.endsWith('Success')) return { ok: true, value: payload as unknown as Payloads<Data> };
    const { code = 'REFUSED', message = 'This was not done.', reasons = [], problems: found = [] } = payload;
    return { ok: false, refusal: { code, message, reasons, problems: found } };
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    return no('UNREACHABLE', 'The server cannot be reached. Nothing is lost: try again when you are connected.');
  }
}

const textOf = (problems: readonly Problem[]): string =>
  problems.some(({ code }) => code === 'UNAUTHENTICATED')
    ? 'Your session has ended. Sign in again; what you wrote is kept in this browser.'
    : (problems[0]?.message ?? 'The server did not answer as it should.');
