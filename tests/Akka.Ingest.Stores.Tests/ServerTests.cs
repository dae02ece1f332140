[assembly: Xunit.TestFramework("Akka.Ingest.Stores.Tests.ServerTestFramework", "Akka.Ingest.Stores.Tests")]

namespace Akka.Ingest.Stores.Tests;

using Xunit.Abstractions;
using Xunit.Sdk;

/// <summary>
/// The tests of a class need a server that an environment variable names. Without the variable they are not there at all: neither passed
/// nor skipped. With it they run, and fail where the server does not answer.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class NeedsServerAttribute(string variable) : Attribute
{
    public string Variable { get; } = variable;
}

/// <summary>xunit's own framework, less the classes whose server is not named.</summary>
public sealed class ServerTestFramework(IMessageSink messages) : XunitTestFramework(messages)
{
    protected override ITestFrameworkDiscoverer CreateDiscoverer(IAssemblyInfo assemblyInfo) =>
        new ServerTestDiscoverer(assemblyInfo, SourceInformationProvider, DiagnosticMessageSink);

    private sealed class ServerTestDiscoverer(IAssemblyInfo assembly, ISourceInformationProvider sources, IMessageSink messages)
        : XunitTestFrameworkDiscoverer(assembly, sources, messages)
    {
        protected override bool IsValidTestClass(ITypeInfo type) =>
            base.IsValidTestClass(type) && type.GetCustomAttributes(typeof(NeedsServerAttribute)).All(need => IsNamed(need.GetNamedArgument<string>(nameof(NeedsServerAttribute.Variable))));

        private static bool IsNamed(string variable) => !string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable(variable));
    }
}
