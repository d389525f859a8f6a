import type { EvidenceFragment } from '../../operations/steward.ts';
import { MODALITY_TEXT, USE_TEXT } from '../../parts/modalities.ts';

export type Item = EvidenceFragment['form']['items'][number];

/** What is granted of what was asked for: a box for each use of each kind of data. */
export function GrantedItems({
  asked,
  granted,
  change,
}: {
  asked: readonly Item[];
  granted: readonly Item[];
  change: (granted: readonly Item[]) => void;
}) {
  const toggle = (modality: Item['modality'], use: Item['uses'][number]): void =>
    change(
      granted.map((item) =>
        item.modality !== modality
          ? item
          : { ...item, uses: item.uses.includes(use) ? item.uses.filter((one) => one !== use) : [...item.uses, use] },
      ),
    );
  return asked.map(({ modality, uses, why }) => (
    <fieldset key={modality} className="usa-fieldset portal-grant">
      <legend>
        <strong>{MODALITY_TEXT[modality].name}</strong>{' '}
        <span className="portal-quiet">
          ({MODALITY_TEXT[modality].asks}) {why}
        </span>
      </legend>
      {uses.map((use) => (
        <div key={use} className="usa-checkbox">
          <input
            id={`grant-${modality}-${use}`}
            className="usa-checkbox__input"
            type="checkbox"
            checked={granted.find((item) => item.modality === modality)?.uses.includes(use) ?? false}
            onChange={() => toggle(modality, use)}
          />
          <label className="usa-checkbox__label" htmlFor={`grant-${modality}-${use}`}>
            {USE_TEXT[use].name}
          </label>
        </div>
      ))}
    </fieldset>
  ));
}
