import { type ComponentProps, type ReactNode, useId } from 'react';
import type { FormProblem } from '../../../governance/forms.ts';

interface FieldProps {
  readonly id: string;
  readonly 'aria-describedby': string;
  readonly 'aria-invalid'?: true;
}

/** A field with its label, why it is asked, and what is wrong with it. */
export function Field({
  label,
  why,
  path,
  problems,
  children,
}: {
  label: string;
  why?: string;
  path: string;
  problems: readonly FormProblem[];
  children: (props: FieldProps) => ReactNode;
}) {
  const id = useId();
  const own = problems.filter((problem) => problem.path === path || problem.path.startsWith(`${path}.`));
  return (
    <div className={own.length > 0 ? 'usa-form-group usa-form-group--error' : 'usa-form-group'}>
      <label className="usa-label" htmlFor={id}>
        {label}
      </label>
      <div id={`${id}-about`}>
        {why && <p className="portal-why">{why}</p>}
        {own.map(({ path: where, message }) => (
          <span key={where} className="usa-error-message">
            {message}
          </span>
        ))}
      </div>
      {children({ id, 'aria-describedby': `${id}-about`, ...(own.length > 0 && { 'aria-invalid': true as const }) })}
    </div>
  );
}

/** A tick box with its label. */
export function CheckField({ label, why, ...props }: { label: string; why?: string } & ComponentProps<'input'>) {
  const id = useId();
  return (
    <div className="usa-checkbox">
      <input id={id} type="checkbox" className="usa-checkbox__input" {...props} />
      <label className="usa-checkbox__label" htmlFor={id}>
        {label}
        {why && <span className="usa-checkbox__label-description">{why}</span>}
      </label>
    </div>
  );
}

export const problemsAt = (problems: readonly FormProblem[], path: string): ReactNode =>
  problems
    .filter((problem) => problem.path === path)
    .map(({ message }) => (
      <span key={message} className="usa-error-message">
        {message}
      </span>
    ));
