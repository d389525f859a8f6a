import { useId, useState } from 'react';
import { useCommand } from '../../api/use-command.ts';
import { type RequestPageQuery, SignRequest, SubmitRequest } from '../../operations/researcher.ts';
import { Loading, RefusalAlert } from '../../parts/states.tsx';
import { When } from '../../parts/when.tsx';
import type { RequestProps } from './request-props.ts';

/** The agreement, read and signed, and sending the request in. */
export function RequestSign({
  request,
  agreement,
  name,
  reload,
}: RequestProps & { agreement: RequestPageQuery['agreement']; name: string }) {
  const [typed, setTyped] = useState('');
  const sign = useCommand(SignRequest);
  const submit = useCommand(SubmitRequest);
  const field = useId();
  const { signatures, seenHash } = request.amendment ?? request;
  const may = request.allowedCommands;
  const requestId = request.id;
  if (!agreement) return <Loading />;
  return (
    <section>
      <h2>The data use agreement</h2>
      <p className="portal-why">
        Everybody on the team signs for exactly this request: a change of it afterwards makes the signatures void.
      </p>
      <details>
        <summary>
          Read it: {agreement.title}, version {agreement.version}
        </summary>
        <div className="portal-text">{agreement.text}</div>
      </details>
      {signatures.length > 0 && (
        <ul className="portal-check">
          {signatures.map((signature) => (
            <li key={`${signature.by.id}${signature.as}`} className={signature.current ? 'met' : 'missing'}>
              {signature.by.name} signed version {signature.version} <When at={signature.signedAt} />
              {!signature.current && ' — no longer counts, because the request or the agreement has changed'}
            </li>
          ))}
        </ul>
      )}
      {may.includes('signAgreement') && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void sign
              .run({ requestId, seen: seenHash, version: agreement.version, typedName: typed })
              .then(({ ok }) => ok && reload());
          }}
        >
          <label className="usa-label" htmlFor={field}>
            Sign by typing your name as your account has it: {name}
          </label>
          <input
            id={field}
            className="usa-input"
            required
            autoComplete="off"
            value={typed}
            onChange={({ target }) => setTyped(target.value)}
          />
          <button type="submit" className="usa-button" disabled={sign.busy}>
            Sign the agreement
          </button>
        </form>
      )}
      <RefusalAlert refusal={sign.refusal} />
      {(may.includes('submitAccessRequest') || may.includes('editAccessRequest')) && (
        <>
          <h2>Send it in</h2>
          <p>
            Then your signing official endorses it and the data stewards decide. You are told by mail of each step, and
            see it here.
          </p>
          <RefusalAlert refusal={submit.refusal} />
          <button
            type="button"
            className="usa-button usa-button--big"
            disabled={submit.busy}
            onClick={() => void submit.run({ requestId }).then(({ ok }) => ok && reload())}
          >
            Send the request in
          </button>
        </>
      )}
    </section>
  );
}
