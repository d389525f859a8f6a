import { useId } from 'react';
import { useCommand } from '../../api/use-command.ts';
import { WriteToStewards } from '../../operations/researcher.ts';
import { RefusalAlert } from '../../parts/states.tsx';
import { useKeptText } from '../../parts/use-kept-text.ts';
import { When } from '../../parts/when.tsx';
import type { RequestProps } from './request-props.ts';

/** What the team and the stewards have written to each other, and writing. */
export function RequestComments({ request, reload }: RequestProps) {
  const [text, setText, sent] = useKeptText(`comment ${request.id}`);
  const comment = useCommand(WriteToStewards);
  const field = useId();
  const may = request.allowedCommands.includes('commentAccessRequest');
  if (!may && request.comments.length === 0) return null;
  return (
    <section>
      <h2>You and the stewards</h2>
      <ul className="portal-log">
        {request.comments.map(({ at, text: said, by, to }) => (
          <li key={`${at}${by.id}`}>
            <strong>{by.name}</strong>, {to === 'APPLICANT' ? 'to you' : 'to the stewards'}, <When at={at} />
            <p className="portal-text">{said}</p>
          </li>
        ))}
      </ul>
      {may && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void comment.run({ requestId: request.id, text, to: 'STEWARDS' }).then(({ ok }) => {
              if (!ok) return;
              sent();
              reload();
            });
          }}
        >
          <label className="usa-label" htmlFor={field}>
            Write to the stewards
          </label>
          <p className="portal-why" id={`${field}-why`}>
            Your team and all stewards read it. Nothing of patients belongs here.
          </p>
          <textarea
            id={field}
            className="usa-textarea portal-short"
            required
            aria-describedby={`${field}-why`}
            value={text}
            onChange={({ target }) => setText(target.value)}
          />
          <RefusalAlert refusal={comment.refusal} />
          <button type="submit" className="usa-button usa-button--outline" disabled={comment.busy}>
            Send it
          </button>
        </form>
      )}
    </section>
  );
}
