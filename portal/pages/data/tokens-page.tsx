import { Alert } from '@trussworks/react-uswds';
import { useId, useState } from 'react';
import { Link } from 'react-router';
import { useCommand } from '../../api/use-command.ts';
import { useQuery } from '../../api/use-query.ts';
import { EndToken, MakeToken, TokensPage as TokensOperation, type TokensPageQuery } from '../../operations/data.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { GrantChoice } from '../../parts/grant-choice.tsx';
import { Page } from '../../parts/page.tsx';
import { asWords, Empty, Load, RefusalAlert, SignedIn } from '../../parts/states.tsx';
import { Day, When } from '../../parts/when.tsx';

type Viewer = NonNullable<TokensPageQuery['viewer']>;

/** Personal tokens for scripts: each acts for one grant and ends with it. */
export function TokensPage() {
  return (
    <SignedIn title="Tokens">
      <Tokens />
    </SignedIn>
  );
}

function Tokens() {
  const query = useQuery(TokensOperation, {});
  const end = useCommand(EndToken);
  return (
    <Page
      title="Tokens"
      lead="A script that runs where nobody can sign in has a token of its own, for one grant. It is shown once, and ends with the grant."
    >
      <Load query={query}>
        {({ viewer }) =>
          viewer && (
            <>
              <Make viewer={viewer} done={query.reload} />
              <RefusalAlert refusal={end.refusal} />
              {viewer.tokens.length === 0 ? (
                <Empty title="No token yet" />
              ) : (
                <DataTable
                  caption="Your tokens, the newest first"
                  head={['Name', 'State', 'Made', 'Ends', 'Last used', 'Change']}
                  rows={viewer.tokens.map((token) => [
                    token.name,
                    asWords(token.state),
                    <When key="made" at={token.createdAt} />,
                    <When key="ends" at={token.endedAt ?? token.expiresAt} />,
                    <Day key="used" on={token.lastUsedOn} />,
                    token.endedAt === null && (
                      <Confirm
                        key="end"
                        label={`End ${token.name}`}
                        title="End this token?"
                        onConfirm={() => void end.run({ id: token.id }).then(({ ok }) => ok && query.reload())}
                      >
                        <p>
                          Scripts that use it stop at once, and what they began ends. It cannot be undone; make another.
                        </p>
                      </Confirm>
                    ),
                  ])}
                />
              )}
            </>
          )
        }
      </Load>
    </Page>
  );
}

function Make({ viewer, done }: { viewer: Viewer; done: () => void }) {
  const make = useCommand(MakeToken);
  const [name, setName] = useState('');
  const [secret, setSecret] = useState<string | null>(null);
  const active = viewer.grants.filter(({ state }) => state === 'ACTIVE');
  const [grantId, setGrant] = useState(active[0]?.id ?? '');
  const id = useId();
  if (active.length === 0)
    return (
      <Empty title="You have no grant that a token could act for">
        <p>
          <Link to="/me">Where you stand</Link> says what is missing.
        </p>
      </Empty>
    );
  return (
    <form
      aria-label="Make a token"
      onSubmit={(event) => {
        event.preventDefault();
        void make.run({ name, grantId }).then((outcome) => {
          if (!outcome.ok) return;
          setSecret(outcome.value.secret);
          setName('');
          done();
        });
      }}
    >
      {secret && (
        <Alert type="success" headingLevel="h2" heading="The token, shown this once">
          <code className="portal-command">export ISS_TOKEN={secret}</code>
        </Alert>
      )}
      <label className="usa-label" htmlFor={`${id}n`}>
        Name
      </label>
      <p className="portal-why">So that you know it again, such as the machine that it is for.</p>
      <input
        id={`${id}n`}
        className="usa-input"
        required
        autoComplete="off"
        value={name}
        onChange={({ target }) => setName(target.value)}
      />
      <GrantChoice viewer={viewer} grants={active} value={grantId} onChange={setGrant} />
      <RefusalAlert refusal={make.refusal} />
      <button type="submit" className="usa-button" disabled={make.busy}>
        Make the token
      </button>
    </form>
  );
}
