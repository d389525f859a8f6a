import { builder } from './builder.ts';
import { command, type SuccessFields } from './command.ts';
import { seen } from './errors.ts';
import { plain, ReasonMissing, ReleaseUnknown } from './expected-errors.ts';
import { pageAnswer, pageAsked, pageType } from './page.ts';
import { Person } from './person.ts';
import type { ExceptionDetails, SettingDetails } from './services/exceptions.ts';

const HoursInvalid = plain('HoursInvalid', 'HOURS_INVALID', 'It lasts longer than the policy allows, or not at all.');
const ExceptionOpen = plain('ExceptionOpen', 'EXCEPTION_OPEN', 'One of this curator is open still.');
const ExceptionLimit = plain('ExceptionLimit', 'EXCEPTION_LIMIT', 'As many as are allowed began within 24 hours.');
const ExceptionUnknown = plain('ExceptionUnknown', 'EXCEPTION_UNKNOWN', 'There is no such exception.');
const SettingUnknown = plain('SettingUnknown', 'SETTING_UNKNOWN', 'There is no such setting.');
const SettingInvalid = plain('SettingInvalid', 'SETTING_INVALID', 'The value is not one that the setting takes.');

const AccessException = builder.objectRef<ExceptionDetails>('AccessException').implement({
  description: "A curator's reasoned look at the rows of a release, for some hours.",
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Opaque id.' }),
    curator: t.field({ type: Person, nullable: true, description: 'Who looks.', resolve: ({ curator }) => curator }),
    study: t.exposeString('study', { description: 'Key of the study.' }),
    release: t.exposeString('release', { description: 'Version of the release.' }),
    reason: t.exposeString('reason', { description: 'What has to be looked at, and why.' }),
    startsAt: t.expose('startsAt', { type: 'DateTime', description: 'Since when.' }),
    endsAt: t.expose('endsAt', { type: 'DateTime', description: 'Until when.' }),
    endedBy: t.field({
      type: Person,
      nullable: true,
      description: 'Who ended it before its time; null where nobody did.',
      resolve: ({ endedBy }) => endedBy,
    }),
  }),
});

const ExceptionPage = pageType('AccessException', AccessException);

const Setting = builder.objectRef<SettingDetails>('ServerSetting').implement({
  description: 'Something that administrators may set beside the policy.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'Its name.' }),
    value: t.field({ type: 'JSON', description: 'What counts now.', resolve: ({ value }) => value }),
    default: t.field({
      type: 'JSON',
      description: 'What counts until somebody sets it.',
      resolve: (one) => one.default,
    }),
    does: t.exposeString('does', { description: 'What it is.' }),
    changedAt: t.expose('changedAt', { type: 'DateTime', nullable: true, description: 'When it was last set.' }),
    changedBy: t.field({
      type: Person,
      nullable: true,
      description: 'By whom.',
      resolve: ({ changedBy }) => changedBy,
    }),
  }),
});

builder.queryFields((t) => ({
  exceptions: t.field({
    type: ExceptionPage,
    nullable: true,
    description:
      'Looks at released rows, newest first: all of them for stewards and auditors, a curator’s own for them.',
    args: {
      first: t.arg.int({ description: 'Rows of the page at most.' }),
      after: t.arg.string({ description: 'Cursor that a page before ended with.' }),
    },
    resolve: async (_, args, { exceptions }) => {
      const asked = pageAsked(args);
      return pageAnswer(asked, seen(await exceptions.list(asked)));
    },
  }),
  settings: t.field({
    type: [Setting],
    nullable: true,
    description: 'What may be set beside the policy; for administrators.',
    resolve: async (_, __, { settings }) => [...seen(await settings.list())],
  }),
}));

const exceptionFields = (t: SuccessFields<{ readonly exception: ExceptionDetails }>) => ({
  exception: t.field({
    type: AccessException,
    description: 'The exception as it stands now.',
    resolve: ({ exception }) => exception,
  }),
});

command('openException', {
  description:
    'Opens a look at the rows of a release that is out, for a stated reason and some hours; auditors are told.',
  input: (t) => ({
    study: t.string({ description: 'Key of the study; the one that this server is for unless named.' }),
    release: t.string({ description: 'Version of the release; the newest published one unless named.' }),
    hours: t.float({ required: true, description: 'For how long, at most as long as the policy allows (four hours).' }),
    reason: t.string({ required: true, description: 'What has to be looked at, and why.' }),
  }),
  success: exceptionFields,
  errors: [ReleaseUnknown, ReasonMissing, HoursInvalid, ExceptionOpen, ExceptionLimit],
  run: ({ study, release, ...input }, { exceptions }) =>
    exceptions.open({ ...input, study: study ?? null, release: release ?? null }),
});

command('endException', {
  description: 'Ends a look before its time; by who opened it, or a steward.',
  input: (t) => ({ id: t.id({ required: true, description: 'The exception.' }) }),
  success: exceptionFields,
  errors: [ExceptionUnknown],
  run: ({ id }, { exceptions }) => exceptions.end(id),
});

command('changeSetting', {
  description: 'Sets something beside the policy; it counts at once.',
  input: (t) => ({
    key: t.string({ required: true, description: 'Its name, as `settings` lists it.' }),
    value: t.field({ type: 'JSON', required: true, description: 'Its value from now on.' }),
    reason: t.string({ required: true, description: 'Why.' }),
  }),
  success: (t: SuccessFields<{ readonly setting: SettingDetails }>) => ({
    setting: t.field({
      type: Setting,
      description: 'The setting as it counts now.',
      resolve: ({ setting }) => setting,
    }),
  }),
  errors: [SettingUnknown, SettingInvalid, ReasonMissing],
  run: ({ value, ...input }, { settings }) => settings.change({ ...input, value }),
});
