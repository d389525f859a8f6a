import { type ACTIONS, ROLE_ACTIONS, ruleOf } from './actions.ts';
import { COMMANDS, FROMS, PARTS, type Part, PERMISSIONS } from './request/permissions.ts';
import { ROLES } from './roles.ts';
import { COMMANDS_WITH_SECOND_FACTOR } from './second-factor.ts';

const LETTERS: Readonly<Record<Part, string>> = {
  researcher: 'R',
  applicant: 'A',
  collaborator: 'C',
  invitee: 'I',
  'signing-official': 'O',
  steward: 'S',
  clock: 'T',
};

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

const cell = (command: (typeof COMMANDS)[number], from: (typeof FROMS)[number]): string =>
  PARTS.filter((part) => PERMISSIONS[command].rules.some((rule) => rule.from.includes(from) && rule.who.includes(part)))
    .map((part) => LETTERS[part])
    .join('');

const requests = (): string =>
  table(
    ['command', 'what it does', ...FROMS.map((from) => from.toLowerCase())],
    COMMANDS.map((command) => [
      `${command}${PERMISSIONS[command].conflicts === true ? ' *' : ''}`,
      PERMISSIONS[command].does,
      ...FROMS.map((from) => cell(command, from)),
    ]),
  );

const limits = (action: keyof typeof ACTIONS): string => {
  const rule = ruleOf(action);
  return [
    rule.second === true ? 'two people' : '',
    rule.conflicts === true ? 'not for oneself or one’s institution' : '',
    rule.ownInstitution === true ? 'own institution only' : '',
    rule.token === true ? 'by a token too' : '',
  ]
    .filter((limit) => limit !== '')
    .join(', ');
};

const actions = (): string =>
  table(
    ['action', 'what it is', 'everybody', 'signed in', ...ROLES, 'limits'],
    ROLE_ACTIONS.map((action) => {
      const { who, does } = ruleOf(action);
      const may = (name: string): string => (Array.isArray(who) ? (who.includes(name as never) ? 'x' : '') : '');
      return [
        action,
        does,
        who === 'everybody' ? 'x' : '',
        who === 'signed-in' ? 'x' : '',
        ...ROLES.map(may),
        limits(action),
      ];
    }),
  );

/** The document of who may do what, made from the tables that are asked before anything is done. */
export const permissionsDocument = (): string => `# Who may do what

Made from the tables that the server asks: \`npm run docs\` writes it, and a test fails where it is not what the tables say.

## Commands on access requests

By what somebody is to a request: R researcher (before there is one), A applicant, C collaborator, I invited, O signing official of its institution, S steward, T time.
An empty cell is a no. * nobody may for themself, their institution (stewards) or a recent co-author, nor after stepping back. \`amending\` and \`amended\`: approved, with an
amendment that is being written or was sent in; what may be done to an approved request may be done then too. A deputy steward is a steward to a request that too few stewards may decide.

${requests()}

## What roles govern

Nobody is anything by default. Data of releases is no matter of roles but of grants. Admin with steward, curator or auditor, and steward with curator or auditor, count for nothing.

${actions()}

## What asks for a second factor

Where the realm has one (\`ISS_SECOND_FACTOR\`), these commands ask for one that was given within the last minutes; without the demo they are never taken from a program (a device
login, a token, a service account). Whoever stops access at once (a halt, a quarantine, a suspension, the end of a token) is not asked.

${COMMANDS_WITH_SECOND_FACTOR.map((name) => `\`${name}\``).join(', ')}
`;
