using CsCheck;
using SignalFlow.Benchmarks.Terms;
using SignalFlow.Benchmarks.Text;
using SignalFlow.Processing.Languages;

namespace SignalFlow.Tests.Languages;

public sealed class LanguageCheckTests
{
    [Theory]
    [InlineData("Warum ist der Himmel blau?")]
    [InlineData("Fermeture de Megaupload : Sarkozy approuve, le PS comprend")]
    [InlineData("¿Te ha pasado esto?")]
    [InlineData("Os portugueses ficam putos com isso, não é?")]
    [InlineData("Perché non possiamo andare al mare?")]
    [InlineData("Endelig en som har planlagt påskeferien meget godt")]
    [InlineData("Nie wiem, czy to jest dobre")]
    [InlineData("Armstrong moet maanlanding inleveren")]
    [InlineData("Tämä on hyvä päivä")]
    [InlineData("Почему небо синее?")]
    [InlineData("火山噴火警報")]
    [InlineData("화산 폭발")]
    [InlineData("L'Ontario retire le droit de grève aux enseignants")]
    [InlineData("L'arrestation d'Alexis")]
    internal void Titles_of_other_languages_are_told(string title) => Assert.Equal(TitleLanguage.NotEnglish, LanguageCheck.Of(title));

    [Theory]
    [InlineData("Why is the sky blue?")]
    [InlineData("I can't believe how GREAT this little telescope is!!!")]
    [InlineData("My trip to Los Angeles and Las Vegas")]
    [InlineData("Pokémon at the café with my fiancée")]
    [InlineData("German says \"ich liebe dich\" and I have no idea what that means")]
    [InlineData("Don't use async void in C#")]
    [InlineData("Watch this: r/de and https://www.de.com/und/oder/nicht")]
    internal void English_titles_are_told(string title) => Assert.Equal(TitleLanguage.English, LanguageCheck.Of(title));

    [Theory]
    [InlineData("")]
    [InlineData("12:30 😀")]
    [InlineData("Rihanna")]
    [InlineData("La la la la")]
    [InlineData("ಠ_ಠ")]
    [InlineData("Das Boot")]
    [InlineData("outlook.com, gmail.com, hotmail.com")]
    internal void Too_little_to_tell_is_unknown(string title) => Assert.Equal(TitleLanguage.Unknown, LanguageCheck.Of(title));

    [Fact]
    public void Any_text_has_an_answer() =>
        Gen.String.Sample(text => Assert.True(Enum.IsDefined(LanguageCheck.Of(text))));

    [Fact]
    public void Nothing_is_allocated()
    {
        LanguageCheck.Of("Warum ist der Himmel blau?");
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 1_000; i++)
            LanguageCheck.Of("L’Ontario retire le droit de grève, why would they do that?");

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task False_alarms_are_below_one_percent_of_real_titles()
    {
        if (SharedData.Path("posts") is not { } folder)
        {
            Assert.Skip("../shared/data/posts is not here");
            return;
        }

        var posts = await PostCorpus.LoadAsync(folder, TestContext.Current.CancellationToken);
        var titles = posts.Where(post => !LabelledTitles.OtherLanguages.Contains(post.Subreddit)).ToList();
        var labelled = posts.Where(post => LabelledTitles.OtherLanguages.Contains(post.Subreddit)
            && !LabelledTitles.English.Contains(post.Id) && !LabelledTitles.Neither.Contains(post.Id)).ToList();

        Assert.InRange(titles.Count(post => LanguageCheck.Of(post.Title) == TitleLanguage.NotEnglish), 0, titles.Count / 100);
        Assert.InRange(labelled.Count(post => LanguageCheck.Of(post.Title) == TitleLanguage.NotEnglish), labelled.Count * 7 / 10, labelled.Count);
    }
}
