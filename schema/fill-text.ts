import type { Context } from './context.ts';
import type { Plan } from './planner/plan.ts';
import { fillSlots } from './planner/slots.ts';

interface Answers {
  /** Root fields that graphql-js answered. */
  readonly rest: Readonly<Record<string, unknown>>;
  /** Fields of releases that graphql-js answered, in the order of `Plan.resolved`. */
  readonly resolved: readonly { readonly data?: Readonly<Record<string, unknown>> | null | undefined }[];
}

/** Puts tickets, landmarks and other services' fields where the statement's text has slots for them. */
export const fillText = async (text: string, plan: Plan, answers: Answers, context: Context): Promise<string> => {
  if (plan.slots.length === 0) return text;
  const landmarks = await readLandmarks(text, plan, context);
  const tickets = new Map<string, { url: string; expiresAt: Date }>();
  const bySlot = new Map(plan.resolved.map((field, index) => [field.slot, { field, answer: answers.resolved[index] }]));
  return fillSlots(text, (number, args) => {
    const slot = plan.slots[number];
    switch (slot?.kind) {
      case 'ticket': {
        const [artifactId = '', part = ''] = args;
        const key = `${slot.modality} ${slot.releaseId} ${artifactId} ${part}`;
        let ticket = tickets.get(key);
        if (ticket === undefined) {
          ticket = context.tickets.issue({
            artifactId,
            ...(part === '' ? {} : { part: Number(part) }),
            modality: slot.modality,
            grantId: slot.grantId,
            releaseId: slot.releaseId,
          });
          tickets.set(key, ticket);
        }
        return JSON.stringify(slot.value === 'url' ? ticket.url : ticket.expiresAt.toISOString());
      }
      case 'landmarks': {
        const bytes = landmarks.get(args.join(' '));
        if (bytes === undefined) throw new Error('a landmark record that was not read');
        return slot.as === 'base64' ? `"${Buffer.from(bytes).toString('base64')}"` : pointsText(bytes);
      }
      case 'resolved': {
        const inner = bySlot.get(number);
        const name = inner === undefined ? slot.key : (inner.field.path.at(-1) ?? '');
        const data = inner === undefined ? answers.rest : (inner.answer?.data ?? {});
        return JSON.stringify(data[name] ?? null);
      }
      default:
        throw new Error('a slot that was not planned');
    }
  });
};

/** All landmark records that the text asks for, read together. */
const readLandmarks = async (text: string, plan: Plan, context: Context): Promise<ReadonlyMap<string, Uint8Array>> => {
  const found = new Map<string, Uint8Array>();
  if (!plan.slots.some(({ kind }) => kind === 'landmarks')) return found;
  const asked = new Map<string, { objectKey: string; frame: number }>();
  fillSlots(text, (number, args) => {
    if (plan.slots[number]?.kind === 'landmarks') {
      asked.set(args.join(' '), { objectKey: args[0] ?? '', frame: Number(args[1]) });
    }
    return '';
  });
  const records = await context.landmarks.read([...asked.values()]);
  [...asked.keys()].forEach((key, index) => {
    const record = records[index];
    if (record !== undefined) found.set(key, record);
  });
  return found;
};

/** 468 x 3 little-endian float32 as [[x, y, z], …]. */
const pointsText = (bytes: Uint8Array): string => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const points: string[] = [];
  for (let at = 0; at + 12 <= bytes.byteLength; at += 12) {
    points.push(`[${floatText(view, at)},${floatText(view, at + 4)},${floatText(view, at + 8)}]`);
  }
  return `[${points.join(',')}]`;
};

/** Nine digits tell every float32 apart (IEEE 754); the sixteen of the double that holds it would be noise. */
const floatText = (view: DataView, at: number): string => {
  const value = view.getFloat32(at, true);
  return Number.isFinite(value) ? String(Number(value.toPrecision(9))) : '0';
};
