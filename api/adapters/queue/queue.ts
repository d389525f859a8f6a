/**
 * Carries word that there is work; what the work is stands in PostgreSQL (table job). Word may be lost or come twice: workers also look by
 * themselves from time to time, and claiming a job is one transaction.
 */
export interface JobQueue {
  /** Says that a job waits (or that a running one is to look up: cancelled, access ended). */
  announce(jobId: string): Promise<void>;
  /** Calls back at each word, until the returned function is called. */
  onAnnounced(heard: (jobId: string) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}
