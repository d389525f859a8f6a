import type { Command } from 'commander';

/** Adds a command with its examples and `--json` below another. */
export type MakeCommand = (parent: Command, usage: string, description: string, examples: string[]) => Command;
