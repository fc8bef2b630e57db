using Microsoft.Playwright;

namespace TokenBudget.Dashboard.Tests;

/// <summary>What somebody who looks at the page would complain about, measured in the page itself.</summary>
internal static class PageLook
{
    /// <summary>Cards that leave a hole, text on two lines or cut off where it should not be, and anything wider than the window.</summary>
    public static Task<string[]> MisplacedAsync(IPage page) => page.EvaluateAsync<string[]>("""
        () => {
            const complaints = [];
            const near = (a, b) => Math.abs(a - b) <= 1;
            for (const band of document.querySelectorAll('.band')) {
                const gap = parseFloat(getComputedStyle(band).rowGap);
                const whole = band.getBoundingClientRect();
                for (const column of band.children) {
                    let top = whole.top;
                    for (const card of column.children) {
                        const box = card.getBoundingClientRect();
                        if (!near(box.top, top)) complaints.push(`a hole of ${box.top - top} px above ${card.textContent.slice(0, 20)}`);
                        top = box.bottom + gap;
                    }
                    if (!near(top - gap, whole.bottom)) complaints.push(`a hole of ${whole.bottom - top + gap} px below ${column.lastElementChild.textContent.slice(0, 20)}`);
                }
            }
            for (const text of document.querySelectorAll('.lanes p, .tile .big, .tile h2, .card h2, .row .amount, .connection')) {
                const line = parseFloat(getComputedStyle(text).lineHeight);
                if (text.getBoundingClientRect().height > 1.6 * line) complaints.push('two lines: ' + text.textContent);
                if (text.scrollWidth > text.clientWidth + 1 && getComputedStyle(text).display !== 'inline') complaints.push('cut off: ' + text.textContent);
            }
            if (document.documentElement.scrollWidth > innerWidth) complaints.push('wider than the window: ' + document.documentElement.scrollWidth);
            return complaints;
        }
        """);

    /// <summary>What is too faint: text below the ratios of WCAG 2.2 AA (1.4.3), and what is drawn below 3 (1.4.11).</summary>
    public static Task<string[]> FaintAsync(IPage page) => page.EvaluateAsync<string[]>("""
        () => {
            const parse = colour => { const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number); return { r, g, b, a }; };
            const over = (top, below) => ({ r: top.r * top.a + below.r * (1 - top.a), g: top.g * top.a + below.g * (1 - top.a), b: top.b * top.a + below.b * (1 - top.a), a: 1 });
            const behind = element => {
                const layers = [];
                for (let one = element; one; one = one.parentElement) layers.push(parse(getComputedStyle(one).backgroundColor));
                return layers.reverse().reduce((below, layer) => over(layer, below), { r: 255, g: 255, b: 255, a: 1 });
            };
            const light = ({ r, g, b }) => {
                const [red, green, blue] = [r, g, b].map(value => { value /= 255; return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4; });
                return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
            };
            const ratio = (a, b) => { const [x, y] = [light(a), light(b)]; return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05); };
            const complaints = [];
            const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            while (texts.nextNode()) {
                const element = texts.currentNode.parentElement;
                const style = getComputedStyle(element);
                if (!texts.currentNode.textContent.trim() || !element.checkVisibility() || element.closest('.hidden, .skip, noscript, script')) continue;
                const size = parseFloat(style.fontSize);
                const least = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
                const ground = behind(element);
                const found = ratio(over(parse(style.color), ground), ground);
                if (found < least) complaints.push(`${found.toFixed(2)} of ${least}: ${texts.currentNode.textContent.trim()}`);
            }
            for (const drawn of document.querySelectorAll('.meter .fill, .meter .tick, .key, .dot, .connection i')) {
                const ground = behind(drawn.parentElement);
                const style = getComputedStyle(drawn);
                const found = ratio(over(parse(style.backgroundColor), ground), ground);
                if (found < 3) complaints.push(`${found.toFixed(2)} of 3: ${drawn.className} in ${drawn.parentElement.className}`);
            }
            return [...new Set(complaints)];
        }
        """);
}
