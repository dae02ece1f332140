namespace Akka.Ingest.Tests.Redaction;

using System.Text;
using Akka.Ingest.Redaction;
using Xunit;

public class SensitiveNamesTests
{
    private static readonly SensitiveNames Names = new([.. DefaultSensitiveKeys.All, "Kunden-Nr", "пароль"]);

    [Theory]
    [InlineData("password")]
    [InlineData("PassWord")]
    [InlineData("pass_word")]
    [InlineData("userpassword")]
    [InlineData("passwordHash")]
    [InlineData("password2")]
    [InlineData("user[password]")]
    [InlineData("db.password.old")]
    [InlineData("pwd")]
    [InlineData("X-Api-Key")]
    [InlineData("APIKey")]
    [InlineData("apikey")]
    [InlineData("myAPIKeyValue")]
    [InlineData("Set-Cookie")]
    [InlineData("cookies")]
    [InlineData("access_token")]
    [InlineData("tokenValue")]
    [InlineData("token_count")]
    [InlineData("Authorization")]
    [InlineData("proxy-authorization")]
    [InlineData("client.secret")]
    [InlineData("aws_secret_access_key")]
    [InlineData("Connection String")]
    [InlineData("ConnectionStrings")]
    [InlineData("jsessionid")]
    [InlineData("kundenNr")]
    [InlineData("ПАРОЛЬ")]
    public void Names_that_hold_secrets_match_in_any_spelling(string name)
    {
        Assert.True(Names.Contains(Encoding.UTF8.GetBytes(name)));
        Assert.True(Names.Contains(Encoding.UTF8.GetBytes(name)));
        Assert.True(Names.Contains(Encoding.UTF8.GetBytes(new string('x', 300) + "." + name)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("message")]
    [InlineData("prompt_tokens")]
    [InlineData("tokenizer")]
    [InlineData("passwordless")]
    [InlineData("secretary")]
    [InlineData("key")]
    [InlineData("monkey")]
    [InlineData("session")]
    [InlineData("author")]
    [InlineData("cookiecutter")]
    [InlineData("accesskeyboard")]
    [InlineData("\uFFFD")]
    public void Names_that_only_look_alike_do_not(string name)
    {
        Assert.False(Names.Contains(Encoding.UTF8.GetBytes(name)));
        Assert.False(Names.Contains(Encoding.UTF8.GetBytes(name)));
    }
}
