namespace Akka.Ingest.Http;

using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

/// <summary>Endpoint metadata: the scope a call needs.</summary>
internal sealed record ScopeRequirement(ApiScopes Scope);

/// <summary>Guards routes that are not ingest calls.</summary>
public static class ScopeRequirementExtensions
{
    /// <summary>Lets only callers with the scope through; others get 401 or 403 as problem details. For a route or a whole group.</summary>
    public static TBuilder RequireScope<TBuilder>(this TBuilder builder, ApiScopes scope)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint =>
        {
            if (endpoint.RequestDelegate is not { } next)
                return;
            var gate = endpoint.ApplicationServices.GetRequiredService<ApiKeyGate>();
            endpoint.Metadata.Add(new ScopeRequirement(scope));
            endpoint.RequestDelegate = context => gate.Check(context, scope, out _) is { } refused
                ? ProblemAnswer.WriteAsync(context, refused)
                : next(context);
        });
        return builder;
    }
}
