import { useCallback, useEffect, useRef, useState } from 'react';
import type { UseFormReturn } from 'react-hook-form';
import { newCommandId } from '../../api/client.ts';
import { keepText, keptKey, keptText } from '../../api/kept-text.ts';
import { type Refusal, sendCommand } from '../../api/use-command.ts';
import { EditRequest } from '../../operations/researcher.ts';
import { draftOf, type FormValues } from './request-draft.ts';

const PAUSE_MS = 900;
const RETRY_MS = 5000;

export interface Saving {
  readonly state: 'saved' | 'waiting' | 'saving' | 'kept';
  readonly refusal: Refusal | null;
}

/** Where the unsent form of a request is kept. */
export const draftKey = (accountId: string, requestId: string): string => keptKey(accountId, `request ${requestId}`);

/** What was typed and had not reached the server when the page was left. */
export function unsentDraft(key: string): FormValues | null {
  const text = keptText(key);
  return text === null ? null : (JSON.parse(text) as FormValues);
}

/**
 * Saves the form while it is typed, one save at a time. What is not saved yet stays in this browser's storage until its owner signs out, so that a
 * reload, an ended session, a closed tab or a lost connection loses nothing.
 * @param version of the request as it was loaded; a save on an older one is refused, so that two tabs do not overwrite each other
 */
export function useSavedForm(
  requestId: string,
  key: string,
  version: number,
  form: UseFormReturn<FormValues>,
  onSaved: () => void,
): Saving & { flush(): Promise<boolean> } {
  const [saving, setSaving] = useState<Saving>({ state: 'saved', refusal: null });
  const at = useRef({ version, timer: 0, running: false, again: false });
  const saved = useRef(onSaved);
  saved.current = onSaved;
  // Another load of the page's request: signatures and invitations raise the version too.
  at.current.version = Math.max(at.current.version, version);

  const save = useCallback(async (): Promise<boolean> => {
    const now = at.current;
    clearTimeout(now.timer);
    if (now.running) {
      now.again = true;
      return false;
    }
    now.running = true;
    setSaving({ state: 'saving', refusal: null });
    const outcome = await sendCommand(EditRequest, {
      ...{ requestId, commandId: newCommandId(), expectedVersion: now.version },
      form: draftOf(form.getValues()),
    });
    now.running = false;
    if (outcome.ok) {
      now.version = outcome.value.request.version;
      if (now.again) {
        now.again = false;
        return save();
      }
      keepText(key, null);
      setSaving({ state: 'saved', refusal: null });
      saved.current();
      return true;
    }
    setSaving({ state: 'kept', refusal: outcome.refusal });
    if (outcome.refusal.code === 'UNREACHABLE') now.timer = window.setTimeout(() => void save(), RETRY_MS);
    return false;
  }, [requestId, key, form]);

  useEffect(() => {
    const { unsubscribe } = form.watch(() => {
      keepText(key, JSON.stringify(form.getValues()));
      setSaving(({ refusal }) => ({ state: 'waiting', refusal }));
      clearTimeout(at.current.timer);
      at.current.timer = window.setTimeout(() => void save(), PAUSE_MS);
    });
    if (unsentDraft(key) !== null) void save();
    return () => {
      unsubscribe();
      clearTimeout(at.current.timer);
      if (unsentDraft(key) !== null) void save();
    };
  }, [form, key, save]);
  return { ...saving, flush: save };
}
