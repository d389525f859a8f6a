import { useId } from 'react';
import { useNavigate } from 'react-router';
import { useCommand } from '../../api/use-command.ts';
import { AmendRequest, CloseRequest, RenewRequest, WithdrawRequest } from '../../operations/researcher.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { RefusalAlert } from '../../parts/states.tsx';
import { useKeptText } from '../../parts/use-kept-text.ts';
import type { RequestProps } from './request-props.ts';

/** Taking back, amending, renewing and closing: whatever the request allows now. */
export function RequestEnd({ request, reload }: RequestProps) {
  const withdraw = useCommand(WithdrawRequest);
  const amend = useCommand(AmendRequest);
  const renew = useCommand(RenewRequest);
  const close = useCommand(CloseRequest);
  const navigate = useNavigate();
  const [report, setReport, reportSent] = useKeptText(`renewal ${request.id}`);
  const [statement, setStatement, statementSent] = useKeptText(`close-out ${request.id}`);
  const field = useId();
  const may = request.allowedCommands;
  const requestId = request.id;
  const any = ['withdrawAccessRequest', 'amendAccessRequest', 'renewAccessRequest', 'attestCloseOut'] as const;
  if (!any.some((command) => may.includes(command))) return null;
  return (
    <section>
      <h2>What else you can do</h2>
      <RefusalAlert refusal={withdraw.refusal ?? amend.refusal ?? renew.refusal ?? close.refusal} />
      <div className="portal-buttons">
        {may.includes('amendAccessRequest') && (
          <Confirm
            label="Amend"
            title="Begin an amendment?"
            destructive={false}
            onConfirm={() => void amend.run({ requestId }).then(({ ok }) => ok && reload())}
          >
            <p>
              You can change members, kinds of data and purpose. What is granted stays as it is until it is approved.
            </p>
          </Confirm>
        )}
        {may.includes('renewAccessRequest') && (
          <Confirm
            label="Renew"
            title="Renew this grant?"
            destructive={false}
            onConfirm={() =>
              void renew.run({ requestId, progressReport: report }).then(async (outcome) => {
                if (!outcome.ok) return;
                reportSent();
                await navigate(`/requests/${outcome.value.request.renewal ?? outcome.value.request.id}`);
              })
            }
          >
            <label className="usa-label" htmlFor={`${field}-report`}>
              What has come of it so far?
            </label>
            <p className="portal-why">
              The committee reads it before it prolongs access. A new draft begins with what this one says.
            </p>
            <textarea
              id={`${field}-report`}
              className="usa-textarea"
              value={report}
              onChange={({ target }) => setReport(target.value)}
            />
          </Confirm>
        )}
        {may.includes('attestCloseOut') && (
          <Confirm
            label="Close"
            action="Attest and close"
            title="Close this grant?"
            onConfirm={() =>
              void close.run({ requestId, destroyed: true, statement }).then(({ ok }) => {
                if (!ok) return;
                statementSent();
                reload();
              })
            }
          >
            <p>
              You attest that every copy, model and derivative is destroyed; your signing official countersigns. Access
              does not come back without a new request.
            </p>
            <label className="usa-label" htmlFor={`${field}-close`}>
              What was destroyed, and how
            </label>
            <textarea
              id={`${field}-close`}
              className="usa-textarea"
              value={statement}
              onChange={({ target }) => setStatement(target.value)}
            />
          </Confirm>
        )}
        {may.includes('withdrawAccessRequest') && (
          <Confirm
            label="Take it back"
            title="Take this request back?"
            onConfirm={() => void withdraw.run({ requestId }).then(({ ok }) => ok && reload())}
          >
            <p>
              It ends here and cannot be sent in any more. What it says stays readable to you; a new request begins
              empty.
            </p>
          </Confirm>
        )}
      </div>
    </section>
  );
}
