import { useState } from 'react';
import { useFieldArray, useForm } from 'react-hook-form';
import { DUO_CODES } from '../../../governance/data-use.ts';
import { keepText } from '../../api/kept-text.ts';
import { useShell } from '../../app/viewer.tsx';
import type { AskedFragment } from '../../operations/researcher.ts';
import { FileDrop } from '../../parts/file-drop.tsx';
import { RefusalAlert } from '../../parts/states.tsx';
import { CheckField, Field, problemsAt } from './form-field.tsx';
import { FORBIDDEN, type FormValues, problemsOf, valuesOf } from './request-draft.ts';
import { RequestItems } from './request-items.tsx';
import type { RequestProps } from './request-props.ts';
import { draftKey, unsentDraft, useSavedForm } from './use-saved-form.ts';

const STATE = {
  saved: 'Everything is saved.',
  waiting: 'Saving in a moment…',
  saving: 'Saving…',
  kept: 'Not saved on the server yet; kept in this browser until it is.',
} as const;

const RESEARCH = ['HMB', 'GRU', 'POA', 'MDS'] as const;
const CONDITIONS = Object.entries(DUO_CODES).filter(([code, { kind }]) => kind === 'condition' && code !== 'NMDS');

/** The form of a request: saved while it is typed; each field says why it is asked. */
export function RequestFields({ request, asked, reload }: RequestProps & { asked: AskedFragment }) {
  const key = draftKey(useShell().data?.viewer?.account.id ?? '', request.id);
  const form = useForm<FormValues>({
    defaultValues: unsentDraft(key) ?? valuesOf((request.amendment ?? request).form),
  });
  const saving = useSavedForm(request.id, key, request.version, form, reload);
  const coAuthors = useFieldArray({ control: form.control, name: 'coAuthors' });
  const [showProblems, setShow] = useState(request.state === 'RETURNED');
  const values = form.watch();
  const problems = problemsOf(values);
  const told = showProblems ? problems : [];
  const { register } = form;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void saving.flush();
      }}
      noValidate
    >
      <div className="portal-saved">
        <output>{STATE[saving.state]}</output>{' '}
        <span className="portal-quiet">
          {problems.length === 0 ? 'The form is complete.' : `${problems.length} things are missing.`}
        </span>{' '}
        <button type="button" className="usa-button usa-button--unstyled" onClick={() => setShow(!showProblems)}>
          {showProblems ? 'Hide what is missing' : 'Show what is missing'}
        </button>
      </div>
      <RefusalAlert refusal={saving.refusal} />
      {saving.refusal?.code === 'REQUEST_CHANGED' && (
        <button
          type="button"
          className="usa-button usa-button--outline"
          onClick={() => {
            keepText(key, null);
            location.reload();
          }}
        >
          Load it as it stands, without what was typed here
        </button>
      )}

      <h2>The research</h2>
      <Field
        label="Title"
        why="It names the request in the queue and, once approved, in the public register."
        path="title"
        problems={told}
      >
        {(props) => <input {...props} className="usa-input" {...register('title')} />}
      </Field>
      <Field
        label="What the research is for, in plain words"
        why="Made public on approval, so that patients can read what their data is used for. At least 40 characters."
        path="plainSummary"
        problems={told}
      >
        {(props) => <textarea {...props} className="usa-textarea" {...register('plainSummary')} />}
      </Field>
      <Field
        label="The research in detail"
        why="The stewards judge from it whether the data fits the purpose. Methods, and what will come of it; at least 80 characters."
        path="detail"
        problems={told}
      >
        {(props) => <textarea {...props} className="usa-textarea" rows={8} {...register('detail')} />}
      </Field>
      <Field label="Your position" why="Your signing official attests it." path="position" problems={told}>
        {(props) => <input {...props} className="usa-input" {...register('position')} />}
      </Field>

      <h2>The data</h2>
      <RequestItems form={form} asked={asked} problems={told} />

      <h2>Purpose</h2>
      <p className="portal-why">
        Each patient has said which research may use their data; a grant shows only patients whose consent permits its
        purpose.
      </p>
      <fieldset className="usa-fieldset">
        <legend className="usa-legend">Kind of research</legend>
        {RESEARCH.map((code) => (
          <CheckField key={code} label={`${DUO_CODES[code].title} (${code})`} value={code} {...register('dataUse')} />
        ))}
      </fieldset>
      <Field
        label="Or research on one disease: its Mondo identifier"
        why="Such as MONDO:0004992 for cancer."
        path="disease"
        problems={[]}
      >
        {(props) => <input {...props} className="usa-input" {...register('disease')} />}
      </Field>
      <fieldset className="usa-fieldset">
        <legend className="usa-legend">Conditions that you meet</legend>
        {CONDITIONS.map(([code, { title }]) => (
          <CheckField key={code} label={`${title} (${code})`} value={code} {...register('dataUse')} />
        ))}
      </fieldset>
      {problemsAt(told, 'dataUse')}
      <Field
        label="Months of access"
        why={`At most ${asked.maxMonths}; it can be renewed from ${asked.renewalWindowDays} days before its end.`}
        path="durationMonths"
        problems={told}
      >
        {(props) => (
          <select {...props} className="usa-select" {...register('durationMonths')}>
            {Array.from({ length: asked.maxMonths }, (_, before) => before + 1).map((month) => (
              <option key={month} value={month}>
                {month}
              </option>
            ))}
          </select>
        )}
      </Field>

      <h2>Safety</h2>
      <Field
        label="How the data will be kept safe"
        why="Where it lies, who can reach it, how it is destroyed at the end. At least 40 characters."
        path="securityPlan"
        problems={told}
      >
        {(props) => <textarea {...props} className="usa-textarea" rows={5} {...register('securityPlan')} />}
      </Field>
      <CheckField
        label="I attest that this plan meets NIST SP 800-171."
        why="The standard that US agencies ask of everybody who keeps controlled data outside of them."
        {...register('attestsNist800171')}
      />
      {problemsAt(told, 'attestsNist800171')}
      <Field
        label="Number of your ethics approval"
        why="A board has to have looked at research on people’s faces and voices."
        path="ethicsApproval"
        problems={told}
      >
        {(props) => <input {...props} className="usa-input" {...register('ethicsReference')} />}
      </Field>
      <FileDrop
        label="The approval document"
        why={values.ethicsSha256 === '' ? 'The stewards read it.' : 'A document is here; another one replaces it.'}
        onSent={({ sha256 }) => form.setValue('ethicsSha256', sha256, { shouldDirty: true })}
      />
      <fieldset className="usa-fieldset">
        <legend className="usa-legend">Uses that the study forbids</legend>
        <p className="portal-why">Tick each: I will not use the data for …</p>
        {FORBIDDEN.map(([use, text]) => (
          <CheckField key={use} label={text} value={use} {...register('acceptsForbidden')} />
        ))}
        {problemsAt(told, 'acceptsForbidden')}
      </fieldset>

      <h2>Recent co-authors</h2>
      <p className="portal-why">
        Whoever published with you in the last three years decides nothing about this request. Name those who may be
        among the stewards or officials; none is fine.
      </p>
      {coAuthors.fields.map((one, at) => (
        <fieldset key={one.id} className="usa-fieldset portal-card">
          <legend className="usa-sr-only">Co-author {at + 1}</legend>
          <Field label="Name" path={`coAuthors.${at}.name`} problems={told}>
            {(props) => <input {...props} className="usa-input" {...register(`coAuthors.${at}.name`)} />}
          </Field>
          <Field label="E-mail" path={`coAuthors.${at}.email`} problems={told}>
            {(props) => <input {...props} className="usa-input" type="email" {...register(`coAuthors.${at}.email`)} />}
          </Field>
          <Field label="Day of the last publication together" path={`coAuthors.${at}.lastPublishedOn`} problems={told}>
            {(props) => (
              <input {...props} className="usa-input" type="date" {...register(`coAuthors.${at}.lastPublishedOn`)} />
            )}
          </Field>
          <button type="button" className="usa-button usa-button--unstyled" onClick={() => coAuthors.remove(at)}>
            Remove this co-author
          </button>
        </fieldset>
      ))}
      <button
        type="button"
        className="usa-button usa-button--outline"
        onClick={() => coAuthors.append({ name: '', email: '', lastPublishedOn: '' })}
      >
        Add a co-author
      </button>
    </form>
  );
}
