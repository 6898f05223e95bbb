using Microsoft.Extensions.Options;

namespace SignalFlow.ServiceDefaults;

/// <summary>
/// Makes a value of the wrong kind (<c>Processing:BatchSize=many</c>) a validation failure like any other: the binder's own exception
/// would end the validation at start there, and hide what else is wrong.
/// </summary>
internal sealed class NamingOptionsFactory<TOptions>(
    IEnumerable<IConfigureOptions<TOptions>> setups,
    IEnumerable<IPostConfigureOptions<TOptions>> postConfigures,
    IEnumerable<IValidateOptions<TOptions>> validations) : IOptionsFactory<TOptions>
    where TOptions : class
{
    private readonly OptionsFactory<TOptions> _factory = new(setups, postConfigures, validations);

    public TOptions Create(string name)
    {
        try
        {
            return _factory.Create(name);
        }
        catch (InvalidOperationException exception)
        {
            throw new OptionsValidationException(name, typeof(TOptions), [exception.Message]);
        }
    }
}
