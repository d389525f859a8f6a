import { type FormEvent, type ReactNode, useEffect, useId, useRef } from 'react';
import type { Operation } from '../api/operation.ts';
import { type Outcome, useCommand } from '../api/use-command.ts';
import { FindOne } from './find-one.tsx';
import { RefusalAlert } from './states.tsx';
import { useKeptValues } from './use-kept-values.ts';

const focusHeading = (): void => {
  if (document.activeElement === document.body)
    document.querySelector<HTMLElement>('.portal-page h1')?.focus({ preventScroll: true });
};

type Values = Readonly<Record<string, string>>;

/** One thing that a command asks for. */
export interface ActField {
  readonly name: string;
  readonly label: string;
  readonly why?: string;
  readonly kind?: 'line' | 'text' | 'date' | 'number' | 'email' | 'check';
  /** Value and words of each choice. */
  readonly options?: readonly (readonly [string, string])[];
  /** The choices are asked for by a text that is typed. */
  readonly find?: (text: string) => Promise<readonly (readonly [string, string])[]>;
  readonly value?: string;
  readonly optional?: boolean;
  /** Asked only where what was filled in before says so. */
  readonly when?: (values: Values) => boolean;
}

/**
 * A button of one command. Its dialog says what it does, asks for what it needs and asks once; when the API refuses, the dialog stays with what was
 * typed and shows why.
 */
export function Act<Data, Input extends { commandId?: string | null | undefined }>({
  label,
  about,
  of,
  title,
  action,
  children,
  fields = [],
  operation,
  input,
  done,
  look,
  tone = 'outline',
}: {
  label: string;
  /** What it is done to, where many buttons of a page say the same. */
  about?: string;
  /** Id of that, where its words may be those of another: what was typed is kept for it alone. */
  of?: string;
  title: string;
  action?: string;
  children?: ReactNode;
  fields?: readonly ActField[];
  operation: Operation<Data, { input: Input }>;
  input: (values: Values) => NoInfer<Input>;
  done: (outcome: Extract<Outcome<Data>, { ok: true }>) => void;
  /** Shows the thing as it is now, after a refusal. */
  look?: () => void;
  tone?: 'primary' | 'outline' | 'danger';
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const command = useCommand(operation);
  const id = useId();
  const [{ open: left, values }, keep, sent] = useKeptValues<{ open: boolean; values: Values }>(
    `${operation.name} ${of ?? ''} ${title} ${about ?? ''}`,
    { open: false, values: {} },
  );
  const acted = useRef(false);
  // What was done often takes its own button away: the focus goes to the page's heading then, and not to nowhere.
  useEffect(
    () => () => {
      if (acted.current) requestAnimationFrame(focusHeading);
    },
    [],
  );
  // Whoever comes back from a second factor, or loads the page again, finds the dialog as they left it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: where the page begins
  useEffect(() => {
    if (left && Object.keys(values).length > 0) dialog.current?.showModal();
  }, []);
  const at = ({ name, value, options }: ActField): string => {
    const chosen = values[name] ?? value;
    // What was chosen may be no choice any more: then the first is shown, and that is what is sent.
    return (options?.some(([one]) => one === chosen) === false ? undefined : chosen) ?? options?.[0]?.[0] ?? '';
  };
  const filled: Values = Object.fromEntries(fields.map((field) => [field.name, at(field)]));
  const asked = fields.filter(({ when }) => when === undefined || when(filled));
  const open = (): void => {
    command.clear();
    acted.current = false;
    dialog.current?.showModal();
    keep({ open: true, values });
  };
  const closed = (): void => {
    if (acted.current) return;
    if (Object.keys(values).length > 0) keep({ open: false, values });
    else sent();
  };
  const send = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const outcome = await command.run(input(Object.fromEntries(asked.map(({ name }) => [name, filled[name] ?? '']))));
    if (!outcome.ok) return;
    acted.current = true;
    dialog.current?.close();
    sent();
    done(outcome);
  };
  return (
    <>
      <button
        type="button"
        className={`usa-button ${tone === 'primary' ? '' : 'usa-button--outline'}`}
        disabled={command.busy}
        onClick={open}
      >
        {label}
        {about && <span className="usa-sr-only"> {about}</span>}
      </button>
      <dialog ref={dialog} className="portal-dialog" aria-labelledby={`${id}-title`} onClose={closed}>
        <form onSubmit={(event) => void send(event)}>
          <h2 id={`${id}-title`}>{title}</h2>
          {children}
          {asked.map((field) => (
            <Asked
              key={field.name}
              id={`${id}-${field.name}`}
              field={field}
              value={at(field)}
              set={(value) => keep({ open: true, values: { ...values, [field.name]: value } })}
            />
          ))}
          <RefusalAlert refusal={command.refusal} />
          <p className="portal-buttons">
            <button
              type="submit"
              className={`usa-button ${tone === 'danger' ? 'usa-button--secondary' : ''}`}
              disabled={command.busy}
            >
              {action ?? label}
            </button>
            {command.refusal && look && (
              <button
                type="button"
                className="usa-button usa-button--outline"
                onClick={() => {
                  dialog.current?.close();
                  look();
                }}
              >
                Show it as it is now
              </button>
            )}
            <button type="button" className="usa-button usa-button--unstyled" onClick={() => dialog.current?.close()}>
              Go back
            </button>
          </p>
        </form>
      </dialog>
    </>
  );
}

function Asked({
  id,
  field: { label, why, kind = 'line', options, find, optional = false },
  value,
  set,
}: {
  id: string;
  field: ActField;
  value: string;
  set: (value: string) => void;
}) {
  const shared = { id, required: !optional, ...(why && { 'aria-describedby': `${id}-why` }) };
  if (find) return <FindOne {...{ id, label, find, value, set }} />;
  if (kind === 'check')
    return (
      <div className="usa-checkbox">
        <input
          {...shared}
          className="usa-checkbox__input"
          type="checkbox"
          checked={value === 'yes'}
          onChange={({ target }) => set(target.checked ? 'yes' : '')}
        />
        <label className="usa-checkbox__label" htmlFor={id}>
          {label}
        </label>
      </div>
    );
  return (
    <div className="usa-form-group">
      <label className="usa-label" htmlFor={id}>
        {label}
        {optional && ' (optional)'}
      </label>
      {why && (
        <p className="portal-why" id={`${id}-why`}>
          {why}
        </p>
      )}
      {options ? (
        <select {...shared} className="usa-select" value={value} onChange={({ target }) => set(target.value)}>
          {options.map(([option, text]) => (
            <option key={option} value={option}>
              {text}
            </option>
          ))}
        </select>
      ) : kind === 'text' ? (
        <textarea
          {...shared}
          className="usa-textarea"
          rows={3}
          value={value}
          onChange={({ target }) => set(target.value)}
        />
      ) : (
        <input
          {...shared}
          className="usa-input"
          type={kind === 'line' ? 'text' : kind}
          value={value}
          onChange={({ target }) => set(target.value)}
        />
      )}
    </div>
  );
}
