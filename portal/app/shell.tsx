import { useEffect, useState } from 'react';
import { Link, NavLink, Outlet, ScrollRestoration, useLocation, useNavigation } from 'react-router';
import { signInAddress, signOut } from '../api/client.ts';
import type { NavEntry } from './nav.ts';
import { useShell } from './viewer.tsx';

/** Header, menu, who is signed in, footer; the page stands in `main`. */
export function AppShell({ navigation }: { navigation: readonly NavEntry[] }) {
  const shell = useShell();
  const [open, setOpen] = useState(false);
  const { pathname } = useLocation();
  const { state } = useNavigation();
  const online = useOnline();
  useEffect(unfoldForPrint, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page closes the menu
  useEffect(() => setOpen(false), [pathname]);
  const viewer = shell.data?.viewer ?? null;
  const entries = navigation.filter(({ shown }) => !shown || shown(viewer));
  const groups = [...new Set(entries.map(({ group }) => group))];
  return (
    <>
      <a className="usa-skipnav" href="#main">
        Skip to the page
      </a>
      <header className="portal-header">
        <div className="portal-bar">
          <Link to="/" className="portal-title">
            {shell.data?.study.title ?? 'ISS data access'}
            {shell.data?.study.synthetic && <span className="portal-synthetic">synthetic</span>}
          </Link>
          <button
            type="button"
            className="usa-button usa-button--outline portal-menu-button"
            aria-expanded={open}
            aria-controls="menu"
            onClick={() => setOpen(!open)}
          >
            Menu
          </button>
          <Identity />
        </div>
      </header>
      {(!online || shell.state === 'offline') && (
        <output className="portal-offline">
          You are offline, or the server does not answer. What is on the page stays; it goes on when you are connected.
        </output>
      )}
      <div className={state === 'loading' ? 'portal-progress portal-progress--on' : 'portal-progress'} />
      <div className="portal-body">
        <nav id="menu" aria-label="Portal" className={open ? 'portal-nav portal-nav--open' : 'portal-nav'}>
          {groups.map((group) => (
            <div key={group}>
              <h2>{group}</h2>
              <ul>
                {entries
                  .filter((entry) => entry.group === group)
                  .map(({ to, label }) => (
                    <li key={to}>
                      <NavLink
                        to={to}
                        end={entries.some((other) => other.to !== to && other.to.startsWith(`${to}/`)) || to === '/'}
                      >
                        {label}
                      </NavLink>
                    </li>
                  ))}
              </ul>
            </div>
          ))}
        </nav>
        <main id="main" tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      <footer className="portal-footer">
        <p>
          Data of patients is released case by case, to people and purposes that data stewards approved; every look at
          it is written to a log.
        </p>
        <p>
          <a href="/graphiql">Query editor</a> · <Link to="/ask">How to ask for access</Link> ·{' '}
          <Link to="/register">Approved uses</Link>
          {shell.data && (
            <>
              {' '}
              · times are shown in your time zone ({Intl.DateTimeFormat().resolvedOptions().timeZone}), and days end in
              that of the study ({shell.data.study.timeZone.replaceAll('_', ' ')})
            </>
          )}
        </p>
      </footer>
      <ScrollRestoration />
    </>
  );
}

function Identity() {
  const shell = useShell();
  const [stays, setStays] = useState(false);
  if (shell.state !== 'ready') return <div className="portal-identity" aria-hidden="true" />;
  const { viewer } = shell.data;
  if (!viewer)
    return (
      <div className="portal-identity">
        <a className="usa-button" href={signInAddress()}>
          Sign in
        </a>
      </div>
    );
  return (
    <div className="portal-identity">
      <span>
        Signed in as <strong>{viewer.account.name}</strong>
        {viewer.account.institution && <span className="portal-institution">{viewer.account.institution.name}</span>}
      </span>
      {stays && <strong role="alert">You are still signed in: the server did not answer. Try again.</strong>}
      <button
        type="button"
        className="usa-button usa-button--outline"
        onClick={async () => setStays(!(await signOut()))}
      >
        Sign out
      </button>
    </div>
  );
}

/** On paper nothing can be unfolded: what is folded away is open while the page is printed. */
function unfoldForPrint(): () => void {
  let opened: HTMLDetailsElement[] = [];
  const before = () => {
    opened = [...document.querySelectorAll<HTMLDetailsElement>('main details:not([open])')];
    for (const one of opened) one.open = true;
  };
  const after = () => {
    for (const one of opened) one.open = false;
    opened = [];
  };
  addEventListener('beforeprint', before);
  addEventListener('afterprint', after);
  return () => {
    removeEventListener('beforeprint', before);
    removeEventListener('afterprint', after);
  };
}

function useOnline(): boolean {
  const [online, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const change = () => setOnline(navigator.onLine);
    addEventListener('online', change);
    addEventListener('offline', change);
    return () => {
      removeEventListener('online', change);
      removeEventListener('offline', change);
    };
  }, []);
  return online;
}
