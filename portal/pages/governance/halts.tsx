import { DoAskToLiftHalt, DoHaltAccess, type HaltCategory, type HaltScope } from '../../operations/governance.ts';
import { Act } from '../../parts/act.tsx';
import { MODALITY_TEXT } from '../../parts/modalities.ts';
import { asWords, Empty } from '../../parts/states.tsx';
import { When } from '../../parts/when.tsx';
import {
  type Choices,
  grantChoices,
  institutionChoices,
  releaseChoices,
  type Safety,
  targetText,
  words,
} from './safety-choices.ts';

/** What may be halted. All of it is the last to be chosen: nobody should stop everything by not looking. */
const SCOPES = [
  ['RELEASE', 'A release'],
  ['MODALITY', 'A kind of data'],
  ['INSTITUTION', 'Everybody of an institution'],
  ['GRANT', 'A grant'],
  ['ALL', 'All access, of everybody'],
] as const;

/** What is halted, and the way to stop and to open again. */
export function Halts({
  halts,
  choices,
  reload,
}: {
  halts: Safety['activeHalts'];
  choices: Choices;
  reload: () => void;
}) {
  const of = (scope: HaltScope, label: string, options: readonly (readonly [string, string])[]) => ({
    ...{ name: scope, label, options },
    when: (values: Readonly<Record<string, string>>) => values.scope === scope,
  });
  return (
    <section>
      <h2>Halts</h2>
      {halts.length === 0 && <Empty title="Nothing is halted" />}
      {halts.map(({ id, scope, target, reason, category, placedAt, placedBy }) => (
        <div key={id} className="portal-card">
          <h3>
            {scope === 'ALL'
              ? 'All access is halted'
              : `Halted: ${scope === 'MODALITY' ? '' : `${asWords(scope)} `}${targetText(choices, target)}`}{' '}
            ({asWords(category)})
          </h3>
          <p className="portal-text">
            {placedBy?.name}, <When at={placedAt} />: {reason}
          </p>
          <Act
            label="Ask to lift it"
            about={`${scope} ${targetText(choices, target)}`}
            of={id}
            title="Ask to lift this halt?"
            operation={DoAskToLiftHalt}
            fields={[{ name: 'reason', label: 'Reason', why: 'Who confirms it reads it.', kind: 'text' }]}
            input={({ reason: why }) => ({ id, reason: why ?? '' })}
            done={reload}
            look={reload}
          >
            <p>Access opens again when another person confirms it.</p>
          </Act>
        </div>
      ))}
      <p className="portal-buttons">
        <Act
          label="Halt access"
          tone="danger"
          title="Halt access at once?"
          action="Halt it"
          operation={DoHaltAccess}
          fields={[
            { name: 'scope', label: 'What', options: SCOPES },
            of('RELEASE', 'Which release', releaseChoices(choices)),
            of(
              'MODALITY',
              'Which kind of data',
              Object.entries(MODALITY_TEXT).map(([key, { name }]) => [key, name] as const),
            ),
            of('INSTITUTION', 'Which institution', institutionChoices(choices)),
            of('GRANT', 'Which grant', grantChoices(choices)),
            {
              name: 'category',
              label: 'What it is about',
              why: 'Those whom it concerns read this word, and not the reason.',
              options: words('INCIDENT', 'DATA_QUALITY', 'WITHDRAWAL', 'LEGAL', 'TECHNICAL', 'OTHER'),
            },
            { name: 'reason', label: 'Reason', why: 'For the stewards who are to lift it.', kind: 'text' },
          ]}
          input={({ scope, category, reason, ...targets }) => ({
            scope: scope as HaltScope,
            category: category as HaltCategory,
            ...(targets[scope ?? ''] && { target: targets[scope ?? ''] }),
            reason: reason ?? '',
          })}
          done={reload}
          look={reload}
        >
          <p>Queries, files, exports and runs under way stop for everybody it concerns. Two people lift it.</p>
        </Act>
      </p>
    </section>
  );
}
