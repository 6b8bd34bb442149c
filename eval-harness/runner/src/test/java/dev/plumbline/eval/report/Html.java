package dev.plumbline.eval.report;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** Reads a report as XML, so that anything not well-formed fails. */
final class Html {
    private final Document document;

    Html(String text) throws Exception {
        document =
                DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(new InputSource(new StringReader(text)));
    }

    /** The texts of all elements whose class attribute has all of these classes. */
    List<String> texts(String tag, String classes) {
        return elements(tag, classes).stream().map(Element::getTextContent).toList();
    }

    List<Element> elements(String tag, String classes) {
        NodeList nodes = document.getElementsByTagName(tag);
        List<Element> found = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            Element element = (Element) nodes.item(i);
            List<String> own = List.of(element.getAttribute("class").split(" "));
            if (classes.isEmpty() || own.containsAll(List.of(classes.split(" ")))) {
                found.add(element);
            }
        }
        return found;
    }
}
