using TokenBudget.Cli;

return await CliApplication.RunAsync(args, CliEnvironment.OfProcess());
