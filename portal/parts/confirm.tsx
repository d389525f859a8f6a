import { type ReactNode, useRef } from 'react';

/** A button that says what it will do and asks once; the browser's own dialog keeps the focus. */
export function Confirm({
  label,
  title,
  children,
  action,
  disabled = false,
  destructive = true,
  onConfirm,
}: {
  label: string;
  title: string;
  children: ReactNode;
  /** What the button in the dialog says; the label unless given. */
  action?: string;
  disabled?: boolean;
  destructive?: boolean;
  onConfirm: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = `confirm-${label.replace(/\W+/g, '-')}`;
  return (
    <>
      <button
        type="button"
        className={`usa-button ${destructive ? 'usa-button--outline' : ''}`}
        disabled={disabled}
        onClick={() => dialog.current?.showModal()}
      >
        {label}
      </button>
      <dialog ref={dialog} className="portal-dialog" aria-labelledby={id}>
        <h2 id={id}>{title}</h2>
        {children}
        <p className="portal-buttons">
          <button
            type="button"
            className={`usa-button ${destructive ? 'usa-button--secondary' : ''}`}
            onClick={() => {
              dialog.current?.close();
              onConfirm();
            }}
          >
            {action ?? label}
          </button>
          <button type="button" className="usa-button usa-button--unstyled" onClick={() => dialog.current?.close()}>
            Go back
          </button>
        </p>
      </dialog>
    </>
  );
}
