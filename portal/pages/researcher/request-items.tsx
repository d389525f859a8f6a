import type { UseFormReturn } from 'react-hook-form';
import type { FormProblem } from '../../../governance/forms.ts';
import type { AskedFragment } from '../../operations/researcher.ts';
import { askedText, classAsked } from '../../parts/asked.ts';
import { MODALITIES, MODALITY_TEXT, USE_TEXT, USES } from '../../parts/modalities.ts';
import { CheckField, Field, problemsAt } from './form-field.tsx';
import type { FormValues } from './request-draft.ts';

/** Which kinds of data are asked for; each that is, with uses and a reason of its own. */
export function RequestItems({
  form,
  asked,
  problems,
}: {
  form: UseFormReturn<FormValues>;
  asked: AskedFragment;
  problems: readonly FormProblem[];
}) {
  const items = form.watch('items');
  const wanted = MODALITIES.filter((modality) => items[modality].wanted);
  return (
    <>
      <p className="portal-why">
        Ask for what the research needs and no more: each kind is judged by itself. To run baselines on faces you need
        not see them: ask for “run” alone.
      </p>
      {problemsAt(problems, 'items')}
      {MODALITIES.map((modality) => {
        const { name, text } = MODALITY_TEXT[modality];
        const needs = classAsked(asked, modality);
        const at = wanted.indexOf(modality);
        return (
          <fieldset key={modality} className="usa-fieldset">
            <legend className="usa-sr-only">{name}</legend>
            <CheckField
              label={name}
              why={needs ? `${text} Asks for ${askedText(needs)}.` : text}
              {...form.register(`items.${modality}.wanted`)}
            />
            {items[modality].wanted && (
              <div className="portal-card">
                {USES.map((use) => (
                  <CheckField
                    key={use}
                    value={use}
                    label={`${USE_TEXT[use].name} (${USE_TEXT[use].text})`}
                    {...form.register(`items.${modality}.uses`)}
                  />
                ))}
                {problemsAt(problems, `items.${at}.uses`)}
                <Field
                  label={`Why you need ${name.toLowerCase()}`}
                  why="A sentence is enough."
                  path={`items.${at}.why`}
                  problems={problems}
                >
                  {(props) => (
                    <textarea
                      {...props}
                      className="usa-textarea"
                      rows={2}
                      {...form.register(`items.${modality}.why`)}
                    />
                  )}
                </Field>
              </div>
            )}
          </fieldset>
        );
      })}
    </>
  );
}
